/**
 * A guest's e-mail address leads to the customer who has it now: the guest is that person. Shopify allows an address one
 * customer at a time, but the message by which one gave it up may still be on its way when another has it: so it leads
 * to the one who was said to have it last. An address that nobody has any more leads to nobody.
 */
import type pg from "pg"
import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"
import type { HeldRecords } from "./held-record.ts"
import { emailIn } from "./record-owner.ts"
import { type TouchedShoppers, touch } from "./touched-shoppers.ts"

/** To be called when the records are written. */
export async function joinByEmail(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  records: HeldRecords,
  touched: TouchedShoppers,
): Promise<void> {
  const addresses = addressKeys(keys, records)
  if (addresses.length === 0) return
  const { rows } = await client.query<{ shopper_id: string; from_person: string; to_person: string }>(
    `WITH guests AS (
       SELECT s.shopper_id, s.merged_into, (
         SELECT r.shopper_id FROM shop_records r
         WHERE r.shop_id = $1 AND r.kind = 'customer' AND r.parent_key = g.address AND NOT r.deleted
         ORDER BY coalesce((r.field_versions->>'@email')::float8, extract(epoch FROM r.version_at) * 1000) DESC,
           r.record_key
         LIMIT 1) AS customer_id
       FROM unnest($2::text[]) AS g (address)
       JOIN shopper_identities i ON i.shop_id = $1 AND i.kind = 'email' AND i.blind = decode(g.address, 'hex')
       JOIN shoppers s ON s.shop_id = $1 AND s.shopper_id = i.shopper_id
     )
     UPDATE shoppers s SET merged_into = g.customer_id, merge_inferred = false, lifecycle = NULL
     FROM guests g
     WHERE s.shop_id = $1 AND s.shopper_id = g.shopper_id AND g.merged_into IS DISTINCT FROM g.customer_id
     RETURNING s.shopper_id, coalesce(g.merged_into, s.shopper_id) AS from_person,
       coalesce(g.customer_id, s.shopper_id) AS to_person`,
    [shopId, addresses],
  )
  for (const row of rows)
    for (const shopperId of [row.shopper_id, row.from_person, row.to_person]) touch(touched, shopperId, 0)
}

function addressKeys(keys: ShopKeys, records: HeldRecords): string[] {
  const addresses = new Set<string>()
  for (const { kind, before, after, beforeShopper, afterShopper } of records.values()) {
    if (kind === "customer" && before !== after)
      for (const key of [before?.parentKey, after.parentKey]) if (key) addresses.add(key)
    // A guest's shopper that was there before is joined already.
    if ((kind === "order" || kind === "checkout") && beforeShopper !== afterShopper) {
      const address = emailIn(after)
      if (address !== null) addresses.add(blindIndex(keys, "email", address).toString("hex"))
    }
  }
  return [...addresses].sort()
}
