/**
 * Erases people. Their keys are destroyed, so that what was sealed is unreadable in every backup; their names'
 * blind indexes go, so that nobody is found by them; their records and events go. An order keeps its money and loses
 * its person; a decision keeps what was shown and loses to whom. What is left names nobody and links nothing of them
 * together. Visits and journeys are taken back by the next count of the shoppers, which are marked for it here, so
 * that the journey map stays equal to a count from the beginning.
 */
import type pg from "pg"
import { erasedMark } from "./erased-names.server.ts"
import type { ShopKeys } from "./keys.server.ts"
import { writeLedger } from "./redaction-ledger.server.ts"

/** Kinds of records, beside baskets, that are about a person and nothing else. */
const PERSONAL_RECORDS = ["customer", "marketing_consent"]

/**
 * Erases these shoppers for good: the ledger says so. Safe to repeat.
 * @param client inside the shop's transaction, which holds the journey lock where journeys may be counted meanwhile
 */
export async function eraseShoppers(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  shopperIds: readonly string[],
): Promise<void> {
  if (shopperIds.length === 0) return
  const { rows: names } = await client.query<{ kind: string; blind: Buffer }>(
    `SELECT kind, blind FROM shopper_identities WHERE shop_id = $1 AND ${THEIRS}
     UNION SELECT kind, decode(record_key, 'hex') FROM shop_records WHERE ${THEIR_BASKETS}`,
    [shopId, shopperIds],
  )
  await writeLedger(client, shopId, [
    ...shopperIds.map((shopperId) => ({ kind: "person" as const, shopperId, mark: null })),
    ...names.map(({ kind, blind }) => ({
      kind: "name" as const,
      shopperId: null,
      mark: erasedMark(keys, kind, blind),
    })),
  ])
  await removeShoppers(client, shopId, shopperIds)
}

/** Takes away what is held on these shoppers, without a word in the ledger. Safe to repeat. */
export async function removeShoppers(
  client: pg.PoolClient,
  shopId: number,
  shopperIds: readonly string[],
): Promise<void> {
  for (const statement of [...OWN_ROWS, ...SHARED_ROWS, ...THE_SHOPPERS])
    await client.query(statement, [shopId, shopperIds])
}

const own = (table: string) => `DELETE FROM ${table} WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])`

const THEIRS = "shopper_id = ANY ($2::bigint[])"

/** A basket may be tied to its person by its token alone, which an order or checkout of theirs has, and a name. */
const THEIR_BASKETS = `shop_id = $1 AND kind IN ('cart', 'checkout') AND (${THEIRS} OR record_key IN (
  SELECT encode(blind, 'hex') FROM shopper_identities WHERE shop_id = $1 AND ${THEIRS}
  UNION SELECT token FROM shop_records r, LATERAL (VALUES (r.fields->>'cartToken'), (r.fields->>'checkoutToken')) t (token)
    WHERE r.shop_id = $1 AND r.${THEIRS} AND token IS NOT NULL))`

const OWN_ROWS = [
  own("vault.shopper_keys"),
  `DELETE FROM shop_records WHERE ${THEIR_BASKETS}`,
  `DELETE FROM shop_records WHERE shop_id = $1 AND ${THEIRS}
   AND kind IN (${PERSONAL_RECORDS.map((kind) => `'${kind}'`).join(", ")})`,
  own("events"),
  own("consents"),
  own("shopper_features"),
]

const SHARED_ROWS = [
  // What is left of an order, refund or fulfilment is money and goods. The mark stays when later messages are merged
  // (capture/shopify/merge-record.ts): whatever they say, the order has no person.
  `UPDATE shop_records SET shopper_id = NULL, sealed = NULL, fields = fields - '{customer,cartToken,checkoutToken}'::text[],
     field_versions = CASE kind WHEN 'order' THEN field_versions || '{"#erased": 1}' ELSE field_versions END
   WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])`,
  "UPDATE decisions SET shopper_id = NULL, inputs_hash = NULL WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])",
  "UPDATE privacy_requests SET shopper_id = NULL, answer = NULL WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])",
]

const THE_SHOPPERS = [
  // Whoever was met with them, or joined to them by an older state, is counted anew without them.
  `INSERT INTO dirty_shoppers AS d (shop_id, shopper_id, since)
   SELECT $1::int, shopper_id, 'epoch' FROM (
     SELECT unnest($2::bigint[]) AS shopper_id
     UNION SELECT s.shopper_id FROM shoppers s WHERE s.shop_id = $1 AND s.merged_into = ANY ($2::bigint[])
     UNION SELECT met.shopper_id FROM shopper_links l JOIN shopper_links met ON met.shop_id = $1 AND met.link = l.link
       WHERE l.shop_id = $1 AND l.shopper_id = ANY ($2::bigint[])
   ) concerned ORDER BY shopper_id
   ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = excluded.since`,
  own("shopper_links"),
  `UPDATE shoppers SET merged_into = NULL, merge_inferred = false
   WHERE shop_id = $1 AND merged_into = ANY ($2::bigint[]) AND shopper_id <> ALL ($2::bigint[])`,
  own("shopper_identities"),
  own("shoppers"),
]
