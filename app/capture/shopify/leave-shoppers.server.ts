/**
 * A shopper who was only known by a record that is now about somebody else (or nobody) is not a person: the order of a
 * guest turned out to be a customer's, a checkout without a name got one. Nothing of them is kept.
 */
import type pg from "pg"
import type { HeldRecords } from "./held-record.ts"
import { type TouchedShoppers, touch } from "./touched-shoppers.ts"

/** Names that stand for a record. Who also has another name, or was seen, stays. */
const RECORD_NAMES = ["customer", "email", "order", "checkout"]

/** To be called when records, events and links are written. */
export async function leaveShoppers(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  records: HeldRecords,
  touched: TouchedShoppers,
): Promise<void> {
  const left = new Set<string>()
  for (const { beforeShopper, afterShopper } of records.values())
    if (beforeShopper !== null && beforeShopper !== afterShopper) left.add(beforeShopper)
  if (left.size === 0) return
  const { rows } = await client.query<{ shopper_id: string; merged_into: string | null }>(
    `SELECT s.shopper_id, s.merged_into FROM shoppers s
     WHERE s.shop_id = $1 AND s.shopper_id = ANY ($2::bigint[])
       AND NOT EXISTS (SELECT FROM shop_records r WHERE r.shop_id = $1 AND r.shopper_id = s.shopper_id)
       AND NOT EXISTS (SELECT FROM events e WHERE e.shop_id = $1 AND e.shopper_id = s.shopper_id)
       AND NOT EXISTS (SELECT FROM privacy_requests p WHERE p.shop_id = $1 AND p.shopper_id = s.shopper_id)
       AND NOT EXISTS (SELECT FROM consents c WHERE c.shop_id = $1 AND c.shopper_id = s.shopper_id)
       AND NOT EXISTS (SELECT FROM shopper_identities i WHERE i.shop_id = $1 AND i.shopper_id = s.shopper_id
         AND i.kind <> ALL ($3::text[]))
     FOR UPDATE`,
    [shopId, [...left], RECORD_NAMES],
  )
  if (rows.length === 0) return
  const gone = rows.map((row) => row.shopper_id)
  // Visits that were counted for them go with the next count, also those that counted for the person they were joined
  // to, and those of browsers joined to them.
  for (const { shopper_id, merged_into } of rows) {
    touch(touched, shopper_id, 0)
    if (merged_into !== null) touch(touched, merged_into, 0)
  }
  const { rows: parted } = await client.query<{ shopper_id: string }>(
    `UPDATE shoppers SET merged_into = NULL, merge_inferred = false, lifecycle = NULL
     WHERE shop_id = $1 AND merged_into = ANY ($2::bigint[]) RETURNING shopper_id`,
    [shopId, gone],
  )
  for (const row of parted) touch(touched, row.shopper_id, 0)
  for (const table of TABLES)
    await client.query(`DELETE FROM ${table} WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])`, [
      shopId,
      gone,
    ])
}

const TABLES = ["shopper_identities", "vault.shopper_keys", "shopper_links", "shopper_features", "shoppers"]
