/** Opens what the app keeps sealed of customers, with the keys that the checker has. */
import type pg from "pg"
import { recordPlace } from "../../../app/capture/shopify/record-place.ts"
import { withShopSql } from "../../../app/db.server.ts"
import { blindIndex, open, shopKeys } from "../../../app/shop/keys.server.ts"
import { shopperKeys } from "../../../app/shop/shopper-key.server.ts"
import type { Secrets } from "./app-tables.ts"

export async function customerSecrets(pool: pg.Pool, shopId: number): Promise<Secrets> {
  const keys = await shopKeys(shopId)
  const { rows } = await pool.query<{ record_key: string; shopper_id: string; sealed: Buffer }>(
    `SELECT record_key, shopper_id, sealed FROM shop_records
     WHERE shop_id = $1 AND kind = 'customer' AND sealed IS NOT NULL AND shopper_id IS NOT NULL`,
    [shopId],
  )
  const ids = [...new Set(rows.map((row) => row.shopper_id))]
  const keyOf = await withShopSql(shopId, (client) => shopperKeys(client, shopId, keys, ids))
  const personal = new Map<string, { email: string | null; firstName: string | null }>()
  for (const { record_key, shopper_id, sealed } of rows) {
    const key = keyOf.get(shopper_id)
    if (!key) continue
    const opened = open(key, sealed, recordPlace(shopId, shopper_id, "customer", record_key))
    const { email = null, firstName = null } = Object(JSON.parse(opened.toString("utf8")))
    personal.set(record_key, { email, firstName })
  }
  return { blind: (id) => blindIndex(keys, "customer", id).toString("hex"), personal }
}
