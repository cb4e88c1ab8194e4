import type pg from "pg"
import { databasePool, withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { appKeys, open, seal, shopKeyPlace } from "./keys.server.ts"

/** Shops, and the app key under which each one's key is wrapped. */
export async function listShopKeys(): Promise<{ shopId: number; appKeyId: string }[]> {
  const { rows } = await databasePool().query<{ shop_id: number; app_key_id: string }>(
    "SELECT shop_id, app_key_id FROM list_shop_keys()",
  )
  return rows.map((row) => ({ shopId: row.shop_id, appKeyId: row.app_key_id }))
}

/**
 * Wraps a shop's key under the newest app key. The key itself stays, so nothing else changes: not what it sealed, not
 * the blind indexes, not what processes hold in memory. Safe to repeat and to run beside serving processes.
 */
export async function rewrapShopKey(shopId: number): Promise<"rewrapped" | "current"> {
  const [newest] = appKeys()
  if (!newest) throw new AppError("bad_configuration", "THROUGHLINE_KEYS holds no key.")
  return withShopSql(shopId, async (client) => {
    const row = await lockShopKey(client, shopId)
    if (!row || row.app_key_id === newest.id) return "current"
    const old = appKeys().find((entry) => entry.id === row.app_key_id)
    if (!old)
      throw new AppError(
        "bad_configuration",
        `Shop ${shopId} is sealed under app key "${row.app_key_id}", which THROUGHLINE_KEYS does not hold. Add it after the newest one and run this again.`,
      )
    const place = shopKeyPlace(shopId)
    const wrapped = seal(newest.key, open(old.key, row.wrapped, place), place)
    await client.query("UPDATE vault.shop_keys SET app_key_id = $2, wrapped = $3 WHERE shop_id = $1", [
      shopId,
      newest.id,
      wrapped,
    ])
    return "rewrapped"
  })
}

async function lockShopKey(client: pg.PoolClient, shopId: number) {
  const { rows } = await client.query<{ app_key_id: string; wrapped: Buffer }>(
    "SELECT app_key_id, wrapped FROM vault.shop_keys WHERE shop_id = $1 FOR UPDATE",
    [shopId],
  )
  return rows[0]
}
