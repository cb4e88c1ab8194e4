import { EventEmitter } from "node:events"
import { setTimeout as wait } from "node:timers/promises"
import {
  Logger,
  makeWorkerUtils,
  type Runner,
  run,
  type TaskList,
  type WorkerEvents,
  type WorkerUtils,
} from "graphile-worker"
import pg from "pg"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { CONCURRENCY, type JobHandler, type JobHint, MAX_ATTEMPTS, type Queue } from "./queue.ts"
import { QUEUE_SCHEMA } from "./queue-schema.server.ts"

type Payload = { id: string; shopId: number }

/** New jobs are announced by NOTIFY; this is how late a delayed one may start. */
const POLL_MS = 1_000

/** Failures are logged by run-job.ts, by name of job; graphile's own lines quote errors, which may quote data. */
const quiet = new Logger(({ label }) => (level) => {
  if (level === "error") log.debug({ label }, "graphile-worker reported an error")
})

/**
 * The schema is made by `prepareQueueSchema` as the owner; the serving role may only use it. What a killed worker held
 * stays locked for hours here, but the scheduler's next hint of the same id takes its place.
 */
export function openGraphileQueue(databaseUrl: string): Queue {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONCURRENCY + 4 })
  pool.on("error", (error: NodeJS.ErrnoException) => log.warn({ code: error.code }, "queue connection lost"))
  const shared = { pgPool: pool, schema: QUEUE_SCHEMA, logger: quiet }
  let utils: Promise<WorkerUtils> | undefined
  let runner: Runner | undefined
  let replacing: Promise<void> | undefined
  let closed = false
  const open = () => {
    utils ??= makeWorkerUtils(shared).catch(explained)
    // The next call tries again: the database may be back by then.
    utils.catch(() => {
      utils = undefined
    })
    return utils
  }
  async function takeJobs(taskList: TaskList): Promise<void> {
    const events: WorkerEvents = new EventEmitter()
    const started = await run({
      ...shared,
      taskList,
      events,
      concurrency: CONCURRENCY,
      pollInterval: POLL_MS,
      noHandleSignals: true,
    })
    runner = started
    started.promise.catch((error: Error) => log.warn({ error: error.name }, "the queue stopped taking jobs"))
    // One that could not tell the database that its job had ended gives up for good, and is not replaced: after a few
    // outages nobody would be left.
    events.once("worker:fatalError", () => {
      replacing = replace(started, taskList)
    })
  }

  async function replace(lost: Runner, taskList: TaskList): Promise<void> {
    // Not waited for: what its others have in hand may take long.
    lost.stop().catch((error: Error) => log.warn({ error: error.name }, "the queue did not end well"))
    while (!closed) {
      try {
        return await takeJobs(taskList)
      } catch (error) {
        log.warn({ error: (error as Error).name }, "the queue does not take jobs yet")
        await wait(POLL_MS)
      }
    }
  }

  return {
    kind: "postgres",
    enqueue: async ({ job, id, shopId, runAt }: JobHint) => {
      await (await open()).addJob(job, { id, shopId } satisfies Payload, {
        jobKey: id,
        jobKeyMode: "preserve_run_at",
        maxAttempts: MAX_ATTEMPTS,
        ...(runAt ? { runAt } : {}),
      })
    },
    work: async (handlers: Record<string, JobHandler>) => {
      const taskList: TaskList = {}
      for (const [job, handler] of Object.entries(handlers))
        taskList[job] = async (payload: unknown) => {
          await handler({ job, ...(payload as Payload) })
        }
      await takeJobs(taskList).catch(explained)
    },
    depth: async () => {
      const { rows } = await pool.query<Record<"waiting" | "delayed" | "active", number>>(
        `SELECT count(*) FILTER (WHERE locked_at IS NULL AND run_at <= now() AND attempts < max_attempts)::int AS waiting,
           count(*) FILTER (WHERE locked_at IS NULL AND run_at > now() AND attempts < max_attempts)::int AS delayed,
           count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS active FROM ${QUEUE_SCHEMA}.jobs`,
      )
      return rows[0] ?? { waiting: 0, delayed: 0, active: 0 }
    },
    close: async () => {
      closed = true
      await replacing
      await runner?.stop()
      await (await utils)?.release()
      await pool.end()
    },
  }
}

const PERMISSION_DENIED = "42501"

/** graphile-worker would make or update its tables itself, which the serving role may not. */
function explained(cause: Error & { code?: string }): never {
  if (cause.code !== PERMISSION_DENIED) throw cause
  throw new AppError(
    "unavailable",
    "Expected the queue's tables of this version in the database, found none or older ones. Run: npm run migrate",
    { cause },
  )
}
