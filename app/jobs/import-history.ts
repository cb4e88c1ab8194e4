import { setTimeout as wait } from "node:timers/promises"
import { historyIsWanted } from "../capture/history/history-run.server.ts"
import { importHistory } from "../capture/history/import-history.server.ts"
import { shopAdmin } from "./shop-admin.server.ts"

/** Below what SIGTERM leaves: a worker that is to end is not held up. */
const SLICE_MS = 10_000
/** A small shop's export takes no second, a large one's minutes. */
const FIRST_POLL_MS = 100
const LONGEST_POLL_MS = 2_000

/** Goes on with the shop's history, for a slice of time; the rows say how far it is. */
export async function runImportHistory(shopId: number): Promise<"again" | undefined> {
  if (!(await historyIsWanted(shopId))) return undefined
  const admin = await shopAdmin(shopId)
  if (!admin) return undefined
  const stopAtMs = Date.now() + SLICE_MS
  for (let pollMs = FIRST_POLL_MS; ; ) {
    const step = await importHistory(shopId, admin, stopAtMs)
    if (step === "done") return undefined
    if (Date.now() >= stopAtMs) return "again"
    if (step !== "waiting") pollMs = FIRST_POLL_MS
    else {
      await wait(pollMs)
      pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.5)
    }
  }
}
