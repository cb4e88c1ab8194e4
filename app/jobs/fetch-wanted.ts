import { fetchWanted } from "../capture/history/fetch-wanted.server.ts"
import { withShopSql } from "../db.server.ts"
import { makeDue } from "./schedules.server.ts"
import { shopAdmin } from "./shop-admin.server.ts"

const SLICE_MS = 10_000

/** Longer than any restart takes. Shopify gives a delivery up after four hours, so what came after that may be lost. */
const SILENCE_HOURS = 1

/** Asks for the whole of what came in part; and, where nothing ran for long, has everything compared. */
export async function runFetchWanted(shopId: number): Promise<"again" | undefined> {
  const admin = await shopAdmin(shopId)
  if (!admin) return undefined
  if (await wasAway(shopId)) await makeDue(shopId, ["reconcile"])
  const settled = await fetchWanted(shopId, admin, Date.now() + SLICE_MS)
  return settled > 0 ? "again" : undefined
}

async function wasAway(shopId: number): Promise<boolean> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ away: boolean | null }>(
      `SELECT last_run_at < now() - $2 * interval '1 hour' AS away FROM schedules
       WHERE shop_id = $1 AND job = 'fetch_wanted'`,
      [shopId, SILENCE_HOURS],
    ),
  )
  return rows[0]?.away ?? false
}
