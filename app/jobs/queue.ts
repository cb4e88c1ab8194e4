/**
 * The queue, behind which stands Bull on Redis or graphile-worker on PostgreSQL; one test suite holds both to this.
 *
 * A job is only a hint that rows of some shop wait for work. It carries no data, may be lost, and may run twice: the
 * scheduler gives it again from the rows, and handlers are idempotent.
 */

export type JobHint = {
  job: string
  /** While a hint of this id waits or runs, another is dropped. */
  id: string
  shopId: number
  /** Not before this time; at once without it. */
  runAt?: Date
}

export type GivenJob = { job: string; id: string; shopId: number }

export type JobHandler = (given: GivenJob) => Promise<void>

export type QueueDepth = { waiting: number; delayed: number; active: number }

export type Queue = {
  kind: "redis" | "postgres"
  /** Throws when the queue cannot be reached; nothing but time is lost then. */
  enqueue(hint: JobHint): Promise<void>
  /** Starts taking jobs. A handler that throws is tried again after a growing pause, `MAX_ATTEMPTS` times in all. */
  work(handlers: Record<string, JobHandler>): Promise<void>
  depth(): Promise<QueueDepth>
  /** Takes no more jobs, waits for those that run, and lets go of its connections. */
  close(): Promise<void>
}

export const MAX_ATTEMPTS = 6

/** Jobs that one process runs at once: they wait on the database, which has a pool of its own to bound them. */
export const CONCURRENCY = 4

/** Pause before the next try: e, e², … seconds. It is graphile-worker's own rule, kept on Bull too. */
export function retryDelayMs(attemptsMade: number): number {
  return Math.round(Math.exp(Math.min(attemptsMade, 10)) * 1_000)
}
