/**
 * Compares what we hold with what the shop has, and mends it: deliveries can be lost for good (Shopify gives up after
 * eight tries in four hours). The shop is read anew as its history was, so every field is compared; what is held and
 * not there any more is gone. Orders are read as far back as something may have changed in them.
 *
 * A kind that was cut off is read again from its beginning: applying it twice changes nothing.
 */
import { setTimeout as wait } from "node:timers/promises"
import { AppError } from "../../errors.ts"
import { shopKeys } from "../../shop/keys.server.ts"
import type { ShopAdmin } from "../../shopify-ask.server.ts"
import { readOperation, startOperation } from "./bulk-operation.server.ts"
import { compareResult, HISTORY_OF } from "./compare-result.server.ts"
import { historyQuery } from "./history-query.ts"
import { tellShop } from "./import-history.server.ts"
import { mayReadNames } from "./may-read-names.server.ts"
import {
  beginReconcile,
  endReconcile,
  RECONCILED_KINDS,
  type ReconciledKind,
  recordKind,
} from "./reconcile-run.server.ts"

/** Further back Shopify shows orders only to who may read all of them. */
const ORDER_DAYS = 60
const FIRST_POLL_MS = 100
const LONGEST_POLL_MS = 2_000
const BUSY_MS = 5_000
const MOST_TRIES = 3
const DAY_MS = 86_400_000

/**
 * @param asOf now
 * @throws AppError `unavailable`: what was compared by then is mended, and the run goes on the next time
 */
export async function reconcile(shopId: number, admin: ShopAdmin, asOf: Date): Promise<void> {
  const run = await beginReconcile(shopId)
  await tellShop(shopId, admin)
  const ordersSince = new Date(asOf.getTime() - ORDER_DAYS * DAY_MS)
  for (const kind of RECONCILED_KINDS) {
    if (run.done.includes(kind)) continue
    const query = await queryOf(admin, kind, ordersSince)
    if (query === null) continue
    const { url, startedAtMs } = await resultOf(admin, query)
    const keys = await shopKeys(shopId)
    const counts = await compareResult(shopId, keys, { kind, url, startedAtMs, ordersSince })
    await recordKind(shopId, run, kind, counts)
  }
  await endReconcile(shopId, run)
}

/** Null where Shopify does not let the app read these at all. */
async function queryOf(admin: ShopAdmin, kind: ReconciledKind, ordersSince: Date): Promise<string | null> {
  const history = HISTORY_OF[kind]
  const may = await mayReadNames(admin, history)
  if (may === "none") return null
  const query = historyQuery(history, may === "all")
  if (kind !== "order") return query
  return query.replace("orders {", `orders(query: "updated_at:>='${ordersSince.toISOString()}'") {`)
}

/** @throws AppError `unavailable` where Shopify ends the operation again and again */
async function resultOf(
  admin: ShopAdmin,
  query: string,
): Promise<{ url: string | null; startedAtMs: number }> {
  let reason = ""
  for (let tries = 0; tries < MOST_TRIES; ) {
    const operation = await startOperation(admin, query)
    let pollMs = FIRST_POLL_MS
    for (let asked = operation; asked !== null; ) {
      const standing = await readOperation(admin, asked)
      if (standing.state === "completed") return standing
      if (standing.state === "running") {
        await wait(pollMs)
        pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.5)
      } else {
        reason = standing.reason
        tries++
        asked = null
      }
    }
    if (operation === null) await wait(BUSY_MS)
  }
  throw new AppError(
    "unavailable",
    `Expected an export of the shop to compare with; Shopify ended it ${MOST_TRIES} times (${reason}). It is tried again later.`,
  )
}
