/**
 * What people allow. Each purpose of a shopper keeps its newest word, by the time at which the person said it; two
 * words of one moment count as a withdrawal. No word is no permission to mail, and no objection to capture: the
 * storefront's block asks Shopify's consent before it sends at all, and here stands who took that back.
 */
import type pg from "pg"
import { databasePool } from "../db.server.ts"
import { blindIndex, type ShopKeys } from "./keys.server.ts"

export type ConsentPurpose = "email" | "sms" | "analytics"
export type ConsentSource = "webhook" | "history" | "reconcile" | "storefront" | "unsubscribe"

export type ConsentWord = {
  shopperId: bigint
  purpose: ConsentPurpose
  granted: boolean
  /** When the person said so, epoch milliseconds. */
  versionMs: number
  source: ConsentSource
}

type Client = Pick<pg.PoolClient, "query">

/** Notes what people said; of older and newer words, in any order, the newest stands. */
export async function setConsents(
  client: Client,
  shopId: number,
  words: readonly ConsentWord[],
): Promise<void> {
  if (words.length === 0) return
  await client.query(
    `INSERT INTO consents AS c (shop_id, shopper_id, purpose, granted, version_at, source)
     SELECT DISTINCT ON (shopper_id, purpose) $1::int, shopper_id, purpose, granted, at, source
     FROM (SELECT shopper_id, purpose, granted, to_timestamp(ms / 1000)::timestamptz(3) AS at, source
       FROM unnest($2::bigint[], $3::text[], $4::boolean[], $5::float8[], $6::text[])
         AS g (shopper_id, purpose, granted, ms, source)) g
     ORDER BY shopper_id, purpose, at DESC, granted
     ON CONFLICT (shop_id, shopper_id, purpose) DO UPDATE
       SET granted = excluded.granted, version_at = excluded.version_at, source = excluded.source
     WHERE excluded.version_at > c.version_at OR (excluded.version_at = c.version_at AND c.granted AND NOT excluded.granted)`,
    [
      shopId,
      words.map(({ shopperId }) => String(shopperId)),
      words.map(({ purpose }) => purpose),
      words.map(({ granted }) => granted),
      words.map(({ versionMs }) => versionMs),
      words.map(({ source }) => source),
    ],
  )
}

/**
 * Whether this person may be sent marketing mail now: asked when a mail is handed over, not only when it is planned.
 * The newest word of all shoppers who are this person counts.
 */
export async function mayMail(client: Client, shopId: number, shopperId: bigint): Promise<boolean> {
  const { rows } = await client.query<{ granted: boolean }>(
    `WITH person AS (
       SELECT coalesce(merged_into, shopper_id) AS root FROM shoppers WHERE shop_id = $1 AND shopper_id = $2
     )
     SELECT c.granted FROM person
     JOIN shoppers s ON s.shop_id = $1 AND (s.shopper_id = person.root OR s.merged_into = person.root)
     JOIN consents c ON c.shop_id = $1 AND c.shopper_id = s.shopper_id AND c.purpose = 'email'
     ORDER BY c.version_at DESC, c.granted LIMIT 1`,
    [shopId, String(shopperId)],
  )
  return rows[0]?.granted ?? false
}

/**
 * Whether this browser may be captured: not where its visitor took consent back. Consent is a browser's, as the shop's
 * banner asks it there: a customer's other devices speak for themselves. One round trip, for it stands before every
 * storefront delivery.
 */
export async function mayCapture(shopId: number, keys: ShopKeys, browser: string): Promise<boolean> {
  const { rows } = await databasePool().query<{ may: boolean }>({
    name: "may_capture",
    text: "SELECT may_capture($1, $2, $3) AS may",
    values: [shopId, ["browser"], [blindIndex(keys, "browser", browser)]],
  })
  return rows[0]?.may ?? false
}

/**
 * What a visitor says about being captured. Only a browser that is known already is noted: a visitor of whom nothing
 * is held does not get a row for having said no.
 * @returns whether it was noted
 */
export async function setCaptureConsent(
  client: Client,
  shopId: number,
  keys: ShopKeys,
  browser: string,
  word: { granted: boolean; versionMs: number },
): Promise<boolean> {
  const { rows } = await client.query<{ shopper_id: string }>(
    "SELECT shopper_id FROM shopper_identities WHERE shop_id = $1 AND kind = 'browser' AND blind = $2",
    [shopId, blindIndex(keys, "browser", browser)],
  )
  const [row] = rows
  if (!row) return false
  const shopperId = BigInt(row.shopper_id)
  await setConsents(client, shopId, [{ ...word, shopperId, purpose: "analytics", source: "storefront" }])
  return true
}
