import { ensureShop, withShopSql } from "../db.server.ts"
import { recordScopes } from "./granted-scopes.server.ts"
import { forgetShop } from "./known-shops.server.ts"
import { requestHistory } from "./request-history.server.ts"

/**
 * A shop gave the app a token: it is installed, now or since long, and its history is asked for. Called at every
 * exchange of tokens, by several members of its staff at once too; what an earlier call did is not done again.
 * @param scopes what the token allows
 */
export async function recordInstall(
  shopDomain: string,
  scopes: readonly string[],
  asOf: Date,
): Promise<number> {
  const shopId = await ensureShop(shopDomain)
  await withShopSql(shopId, async (client) => {
    // One at a time.
    await client.query("SELECT FROM shops WHERE shop_id = $1 FOR UPDATE", [shopId])
    await recordScopes(client, shopId, scopes, asOf)
    await requestHistory(client, shopId)
  })
  forgetShop(shopDomain)
  return shopId
}
