import { withShopSql } from "../db.server.ts"
import { adminOfShop } from "../shopify.server.ts"
import type { ShopAdmin } from "../shopify-ask.server.ts"

/** Client of the shop's Admin API, or null for a shop that has given no token (an imported log) or has left. */
export async function shopAdmin(shopId: number): Promise<ShopAdmin | null> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ domain: string }>("SELECT domain FROM shops WHERE shop_id = $1", [shopId]),
  )
  return rows[0] ? adminOfShop(rows[0].domain) : null
}
