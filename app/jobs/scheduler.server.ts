import { setTimeout as wait } from "node:timers/promises"
import { listLeftShopIds, listShopIds } from "../db.server.ts"
import { log } from "../log.server.ts"
import type { Queue } from "./queue.ts"
import { afterUninstall, claimDueJobs, reconcileSchedules, type Timetable } from "./schedules.server.ts"

export type Scheduler = {
  /** Milliseconds since the last tick that found database and queue in order. */
  silentMs(): number
  stop(): Promise<void>
}

const TICK_MS = 1_000
/** How late an install or uninstall is noticed: a newcomer watches for the first import. */
const LOOK_FOR_SHOPS_MS = 2_000
/** How late another worker's change is noticed. */
const LOOK_AGAIN_MS = 30_000

/**
 * Gives the queue a hint for each job that is due by its row. Rows are the truth: a queue that lost everything is full
 * again after one period. Several workers may run one; each due job is given once.
 */
export function startScheduler(queue: Queue, timetable: Timetable): Scheduler {
  const stopping = new AbortController()
  const shops = new Map<number, { installed: boolean; dueAtMs: number }>()
  let lookedForShopsMs = Number.NEGATIVE_INFINITY
  let lookedMs = Number.NEGATIVE_INFINITY
  let tickedMs = performance.now()

  /** Those that are new, have come back or left, or all of them. */
  async function lookForShops(all: boolean): Promise<void> {
    const there = new Map<number, boolean>()
    for (const shopId of await listLeftShopIds()) there.set(shopId, false)
    for (const shopId of await listShopIds()) there.set(shopId, true)
    for (const shopId of shops.keys()) if (!there.has(shopId)) shops.delete(shopId)
    for (const [shopId, installed] of there) {
      if (!all && shops.get(shopId)?.installed === installed) continue
      await reconcileSchedules(shopId, installed ? timetable : afterUninstall(timetable))
      shops.set(shopId, { installed, dueAtMs: 0 })
    }
  }

  async function tick(): Promise<void> {
    if (performance.now() - lookedForShopsMs >= LOOK_FOR_SHOPS_MS) {
      const all = performance.now() - lookedMs >= LOOK_AGAIN_MS
      await lookForShops(all)
      lookedForShopsMs = performance.now()
      if (all) lookedMs = lookedForShopsMs
    }
    for (const [shopId, shop] of shops) {
      if (shop.dueAtMs > performance.now()) continue
      const { due, waitMs } = await claimDueJobs(shopId)
      shop.dueAtMs = performance.now() + waitMs
      for (const job of due) await queue.enqueue({ job, id: jobId(job, shopId), shopId })
    }
    tickedMs = performance.now()
  }

  async function keepTicking(): Promise<void> {
    while (!stopping.signal.aborted) {
      // The database or the queue may be away for a while: what was due stays due.
      await tick().catch((error: Error) => log.warn({ error: error.name }, "scheduler could not tick"))
      await wait(TICK_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const ticking = keepTicking()
  return {
    silentMs: () => performance.now() - tickedMs,
    stop: async () => {
      stopping.abort()
      await ticking
    },
  }
}

/** One hint a job and shop: while it waits, others of the same work are dropped. */
export function jobId(job: string, shopId: number): string {
  return `${job}:${shopId}`
}
