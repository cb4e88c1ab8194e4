/**
 * Tokens of carts and checkouts → links (journey/joins.ts): the browser that told us its cart, an unfinished checkout
 * and the order that came of them were one person's.
 */
import type pg from "pg"
import { linkOf } from "./cart-link.server.ts"
import { type HeldRecords, textField } from "./held-record.ts"
import type { RecordState } from "./merge-record.ts"
import type { RecordKind } from "./record.ts"
import { type TouchedShoppers, touch } from "./touched-shoppers.ts"

type Link = { shopperId: string; key: string }

/** @param nowMs from when on a shopper who is newly linked is counted anew; whoever moves is counted as a whole. */
export async function projectLinks(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  records: HeldRecords,
  nowMs: number,
  touched: TouchedShoppers,
): Promise<void> {
  const gone = new Map<string, Link>()
  const fresh = new Map<string, Link>()
  for (const { kind, recordKey, before, beforeShopper, after, afterShopper } of records.values()) {
    const was = linksOf(kind, recordKey, before, beforeShopper)
    const is = linksOf(kind, recordKey, after, afterShopper)
    for (const [name, link] of was) if (!is.has(name)) gone.set(name, link)
    for (const [name, link] of is) if (!was.has(name)) fresh.set(name, link)
  }
  for (const name of fresh.keys()) gone.delete(name)
  await unlinkOrders(client, shopId, records)
  if (gone.size > 0) await unlink(client, shopId, [...gone.values()], nowMs, touched)
  if (fresh.size === 0) return
  const links = [...fresh.values()]
  const { rows } = await client.query<{ shopper_id: string }>(
    `INSERT INTO shopper_links (shop_id, link, shopper_id)
     SELECT $1::int, link, shopper_id FROM unnest($2::uuid[], $3::bigint[]) AS g (link, shopper_id)
     ORDER BY link, shopper_id ON CONFLICT DO NOTHING RETURNING shopper_id`,
    [shopId, links.map(({ key }) => linkOf(key)), links.map(({ shopperId }) => shopperId)],
  )
  for (const row of rows) touch(touched, row.shopper_id, nowMs)
}

function linksOf(
  kind: RecordKind,
  recordKey: string,
  state: RecordState | null,
  shopperId: string | null,
): Map<string, Link> {
  if (shopperId === null || (kind !== "order" && kind !== "checkout")) return new Map()
  const keys = [textField(state, "cartToken"), textField(state, "checkoutToken")]
  if (kind === "checkout") keys.push(recordKey)
  return new Map(
    keys.flatMap((key) => (key === null ? [] : [[`${key} ${shopperId}`, { key, shopperId }] as const])),
  )
}

/** Takes links away that no other record of the shopper bears out. Everybody met there has to be looked at again. */
async function unlink(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  links: readonly Link[],
  nowMs: number,
  touched: TouchedShoppers,
): Promise<void> {
  const { rows } = await client.query<{ shopper_id: string }>(
    `WITH gone AS (
       DELETE FROM shopper_links l USING unnest($2::text[], $3::bigint[]) AS g (key, shopper_id)
       WHERE l.shop_id = $1 AND l.link = g.key::uuid AND l.shopper_id = g.shopper_id AND NOT EXISTS (
         SELECT FROM shop_records r WHERE r.shop_id = $1 AND r.shopper_id = g.shopper_id AND r.kind IN ('order', 'checkout')
           AND g.key IN (r.fields->>'cartToken', r.fields->>'checkoutToken', r.record_key))
       RETURNING l.link
     )
     SELECT DISTINCT l.shopper_id FROM shopper_links l JOIN gone USING (link) WHERE l.shop_id = $1`,
    [shopId, links.map(({ key }) => key), links.map(({ shopperId }) => shopperId)],
  )
  for (const row of rows) touch(touched, row.shopper_id, nowMs)
}

/** Journey links everybody met in an order's events (rememberLinks): who lost them was not met there. */
async function unlinkOrders(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  records: HeldRecords,
): Promise<void> {
  const left = [...records.values()].filter(
    ({ kind, beforeShopper, afterShopper }) =>
      kind === "order" && beforeShopper !== null && beforeShopper !== afterShopper,
  )
  if (left.length === 0) return
  await client.query(
    `DELETE FROM shopper_links l USING unnest($2::text[], $3::bigint[]) AS g (order_id, shopper_id)
     WHERE l.shop_id = $1 AND l.link = md5('order ' || g.order_id)::uuid AND l.shopper_id = g.shopper_id`,
    [shopId, left.map(({ recordKey }) => recordKey), left.map(({ beforeShopper }) => beforeShopper)],
  )
}
