import { setTimeout as wait } from "node:timers/promises"
import { listShopIds } from "../db.server.ts"
import { log } from "../log.server.ts"
import type { Queue } from "./queue.ts"
import { claimDueJobs, reconcileSchedules, type Timetable } from "./schedules.server.ts"

export type Scheduler = {
  /** Milliseconds since the last tick that found database and queue in order. */
  silentMs(): number
  stop(): Promise<void>
}

const TICK_MS = 1_000
/** How late a newly installed shop, or another worker's change, is noticed. */
const LOOK_AGAIN_MS = 30_000

/**
 * Gives the queue a hint for each job that is due by its row. Rows are the truth: a queue that lost everything is full
 * again after one period. Several workers may run one; each due job is given once.
 */
export function startScheduler(queue: Queue, timetable: Timetable): Scheduler {
  const stopping = new AbortController()
  const dueAtMs = new Map<number, number>()
  let lookedMs = Number.NEGATIVE_INFINITY
  let tickedMs = performance.now()

  async function lookForShops(): Promise<void> {
    const shopIds = await listShopIds()
    for (const shopId of dueAtMs.keys()) if (!shopIds.includes(shopId)) dueAtMs.delete(shopId)
    for (const shopId of shopIds) {
      await reconcileSchedules(shopId, timetable)
      dueAtMs.set(shopId, 0)
    }
    lookedMs = performance.now()
  }

  async function tick(): Promise<void> {
    if (performance.now() - lookedMs >= LOOK_AGAIN_MS) await lookForShops()
    for (const [shopId, atMs] of dueAtMs) {
      if (atMs > performance.now()) continue
      const { due, waitMs } = await claimDueJobs(shopId)
      dueAtMs.set(shopId, performance.now() + waitMs)
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
