import type pg from "pg"
import { type HeldRecords, recordName, textField } from "./held-record.ts"

/** The shop's own record → its row. Prices of its products are in its currency. */
export async function projectShop(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  records: HeldRecords,
): Promise<void> {
  const shop = records.get(recordName("shop", "shop"))
  if (shop === undefined) return
  await client.query(
    `UPDATE shops SET name = coalesce($2, name), currency = coalesce($3, currency), time_zone = coalesce($4, time_zone)
     WHERE shop_id = $1`,
    [
      shopId,
      textField(shop.after, "name"),
      textField(shop.after, "currency"),
      textField(shop.after, "timeZone"),
    ],
  )
  await client.query(
    `UPDATE products p SET currency = s.currency, updated_at = now()
     FROM shops s, shop_records r
     WHERE p.shop_id = $1 AND s.shop_id = $1 AND r.shop_id = $1 AND r.kind = 'product' AND r.record_key = p.external_id
       AND r.fields <> '{}' AND p.currency IS DISTINCT FROM s.currency`,
    [shopId],
  )
}
