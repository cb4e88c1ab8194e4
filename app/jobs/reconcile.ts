import { historyIsWanted } from "../capture/history/history-run.server.ts"
import { reconcile } from "../capture/history/reconcile.server.ts"
import { makeDue } from "./schedules.server.ts"
import { shopAdmin } from "./shop-admin.server.ts"

/** Compares the shop with what we hold and mends it. While its history is still being read there is nothing to compare. */
export async function reconcileShop(shopId: number): Promise<void> {
  if (await historyIsWanted(shopId)) return
  const admin = await shopAdmin(shopId)
  if (!admin) return
  await reconcile(shopId, admin, new Date())
  await makeDue(shopId, ["fetch_wanted", "update_journeys"])
}
