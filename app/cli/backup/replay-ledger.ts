import type pg from "pg"
import { replayRedactions } from "../../shop/replay-redactions.server.ts"
import { listShops } from "./list-shops.ts"

export type Replayed = {
  people: number
  /** Shops of which somebody was erased again. */
  shopIds: number[]
  /** Shops whose key is not in the vault. */
  withoutKeys: number
}

/** Erases again, shop by shop, who the ledger says was erased. Inside the caller's transaction. */
export async function replayLedger(client: pg.PoolClient): Promise<Replayed> {
  const replayed: Replayed = { people: 0, shopIds: [], withoutKeys: 0 }
  const inVault = await listShops(client, "vault")
  for (const shopId of new Set([...(await listShops(client, "data")), ...inVault])) {
    await client.query("SELECT set_config('app.shop_id', $1, true)", [String(shopId)])
    const people = await replayRedactions(client, shopId)
    replayed.people += people
    if (people > 0) replayed.shopIds.push(shopId)
  }
  const { rows } = await client.query<{ shop_id: number }>("SELECT shop_id FROM list_shop_keys()")
  const withKeys = new Set(rows.map((row) => row.shop_id))
  replayed.withoutKeys = (await listShops(client, "data")).filter((shopId) => !withKeys.has(shopId)).length
  return replayed
}
