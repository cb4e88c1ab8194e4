import { setTimeout as wait } from "node:timers/promises"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { openBullQueue } from "./bull-queue.server.ts"
import { openGraphileQueue } from "./graphile-queue.server.ts"
import type { JobHint, Queue } from "./queue.ts"

let held: Queue | undefined

/** This process's queue: on Redis where REDIS_URL is set, on PostgreSQL otherwise. */
export function jobQueue(): Queue {
  const { REDIS_URL, DATABASE_URL } = env()
  held ??= REDIS_URL ? openBullQueue(REDIS_URL) : openGraphileQueue(DATABASE_URL)
  return held
}

const HINT_WITHIN_MS = 1_000

/**
 * Gives a hint and never throws or waits long: a request that has made its rows durable must be answered even while
 * the queue is away. Returns whether the queue took it; the scheduler finds the rows otherwise.
 */
export async function giveHint(hint: JobHint): Promise<boolean> {
  const patience = new AbortController()
  const tooLate = wait(HINT_WITHIN_MS, undefined, { signal: patience.signal }).then(() => {
    throw new AppError("unavailable", `the queue did not answer within ${HINT_WITHIN_MS} ms`)
  })
  try {
    await Promise.race([jobQueue().enqueue(hint), tooLate])
    return true
  } catch (error) {
    log.warn(
      { job: hint.job, error: (error as Error).name },
      "a hint was not taken: the scheduler will give it",
    )
    return false
  } finally {
    patience.abort()
    await tooLate.catch(() => undefined)
  }
}

export async function closeQueue(): Promise<void> {
  const closing = held
  held = undefined
  await closing?.close()
}
