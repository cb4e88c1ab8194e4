import Bull, { type Job } from "bull"
import { log } from "../log.server.ts"
import {
  CONCURRENCY,
  type JobHandler,
  type JobHint,
  MAX_ATTEMPTS,
  type Queue,
  retryDelayMs,
} from "./queue.ts"

type Payload = { job: string; shopId: number }

/**
 * Bull's defaults leave the jobs of a killed worker alone for a minute and fail one for good at its second killed
 * worker. Short locks bring them back within 8 s; how often a delivery may kill its worker is counted in its row.
 */
const SETTINGS = {
  lockDuration: 6_000,
  stalledInterval: 1_000,
  maxStalledCount: 25,
  backoffStrategies: { growing: (attemptsMade: number) => retryDelayMs(attemptsMade) },
}

const JOB_OPTIONS = {
  attempts: MAX_ATTEMPTS,
  backoff: { type: "growing" },
  // A finished job that is kept would make Bull drop every later hint of its id. The log has what failed.
  removeOnComplete: true,
  removeOnFail: true,
}

/**
 * A job that failed waits ever longer for its next try, and would keep every hint of its id away meanwhile, although
 * its row says that it is due.
 */
async function bringForward(job: Job<Payload> | null): Promise<void> {
  if (!job || job.attemptsMade === 0 || !(await job.isDelayed())) return
  // Its time may come in this very moment.
  await job
    .promote()
    .catch((error: Error) => log.debug({ error: error.name }, "a job was not brought forward"))
}

export function openBullQueue(redisUrl: string, prefix = "throughline"): Queue {
  const queue = new Bull<Payload>("jobs", redisUrl, {
    prefix,
    settings: SETTINGS,
    defaultJobOptions: JOB_OPTIONS,
  })
  // Bull's connections come back by themselves; without a listener a lost one would end the process.
  queue.on("error", (error: NodeJS.ErrnoException) => log.warn({ code: error.code }, "queue connection lost"))
  queue.on("stalled", (job) => log.warn({ job: job.data.job }, "the worker of a job was lost: it runs again"))
  return {
    kind: "redis",
    enqueue: async ({ job, id, shopId, runAt }: JobHint) => {
      const delay = runAt ? Math.max(0, runAt.getTime() - Date.now()) : 0
      await queue.add({ job, shopId }, { jobId: id, delay })
      if (delay === 0) await bringForward(await queue.getJob(id))
    },
    work: async (handlers: Record<string, JobHandler>) => {
      const working = queue.process(CONCURRENCY, async ({ id, data }) => {
        const handler = handlers[data.job]
        // A worker of a newer version knows it: this one passes it on by failing.
        if (!handler) throw new Error(`no handler for job ${data.job}`)
        await handler({ ...data, id: String(id) })
      }) as Promise<void>
      working.catch((error: Error) => log.error({ error: error.name }, "the queue stopped taking jobs"))
      await queue.isReady()
    },
    depth: async () => {
      const { waiting, delayed, active } = await queue.getJobCounts()
      return { waiting, delayed, active }
    },
    close: () => queue.close(),
  }
}
