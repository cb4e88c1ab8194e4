/**
 * The key that seals today's deliveries of a shop, kept in memory: a door should not ask for it each time. It may be
 * destroyed meanwhile, so who uses a kept one tells the database which it was (accept_delivery).
 */
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { inboxKey, shopKeys } from "../shop/keys.server.ts"

export type DayKey = { key: Buffer; wrapped: Buffer }

const MAX_KEPT = 1_000
const kept = new Map<string, DayKey>()

export async function dayKey(shopId: number, day: string): Promise<DayKey> {
  const name = `${shopId}/${day}`
  const known = kept.get(name)
  if (known) return known
  const keys = await shopKeys(shopId)
  const made = await withShopSql(shopId, async (client) => {
    const key = await inboxKey(client, keys, shopId, day)
    const { rows } = await client.query<{ wrapped: Buffer }>(
      "SELECT wrapped FROM vault.inbox_keys WHERE shop_id = $1 AND day = $2",
      [shopId, day],
    )
    const [row] = rows
    if (!row) throw new AppError("internal", `The inbox key of ${name} was neither made nor found.`)
    return { key, wrapped: row.wrapped }
  })
  if (kept.size >= MAX_KEPT) kept.clear()
  kept.set(name, made)
  return made
}

export function forgetDayKey(shopId: number, day: string): void {
  kept.delete(`${shopId}/${day}`)
}
