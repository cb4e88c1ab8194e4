import { Histogram } from "prom-client"
import { log } from "../log.server.ts"
import { metrics } from "../metrics.server.ts"
import type { GivenJob, JobHandler } from "./queue.ts"
import { KEEP_LEASE_EVERY_MS, keepLease, recordRun } from "./schedules.server.ts"

const jobSeconds = new Histogram({
  name: "throughline_job_seconds",
  help: "Time that a job ran, by job and outcome.",
  labelNames: ["job", "outcome"] as const,
  buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
  registers: [metrics],
})

/** What a job does. `again`: there is more to do at once, and it stopped so that others get their turn. */
export type JobWork = (given: GivenJob) => Promise<"again" | undefined> | Promise<void>

/**
 * Adds to a job what all have in common: its row says that it runs and how it ended, one log line, one measurement.
 * Of an error only the name and code are kept, for its message may quote a row.
 */
export function observed(work: JobWork): JobHandler {
  return async (hint) => {
    const startedMs = performance.now()
    const keeping = setInterval(() => {
      keepLease(hint.shopId, hint.job).catch((error: unknown) =>
        log.warn({ job: hint.job, error: nameOf(error) }, "lease not kept"),
      )
    }, KEEP_LEASE_EVERY_MS)
    let again = false
    let failure: { error: unknown } | null = null
    try {
      again = (await work(hint)) === "again"
    } catch (error) {
      failure = { error }
    }
    clearInterval(keeping)
    const ms = performance.now() - startedMs
    const outcome = failure ? "failed" : "done"
    const error = failure && nameOf(failure.error)
    jobSeconds.observe({ job: hint.job, outcome }, ms / 1_000)
    log[failure ? "warn" : "debug"](
      { job: hint.job, shopId: hint.shopId, ms: Math.round(ms), error },
      outcome,
    )
    const recorded = recordRun(hint.shopId, hint.job, error, again)
    if (!failure) return recorded
    // The database may be what failed; the first error is the one to report.
    await recorded.catch((second: unknown) => log.warn({ error: nameOf(second) }, "outcome not recorded"))
    throw failure.error
  }
}

function nameOf(failure: unknown): string {
  if (!(failure instanceof Error)) return "unknown"
  const code = "code" in failure && typeof failure.code === "string" ? failure.code : ""
  return [failure.name, code].filter(Boolean).join(" ")
}
