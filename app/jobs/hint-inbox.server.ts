import { log } from "../log.server.ts"
import { jobQueue } from "./open-queue.server.ts"
import { jobId } from "./scheduler.server.ts"

/** Deliveries of a shop that come within this time share one hint: it would cost as much as taking one in. */
const GATHER_MS = 100

const gathering = new Set<number>()

/**
 * Says that a shop's inbox has something new. Nobody waits for it and nothing depends on it: without the hint the
 * delivery waits for the timetable.
 */
export function hintInbox(shopId: number): void {
  if (gathering.has(shopId)) return
  gathering.add(shopId)
  setTimeout(() => {
    giveHint(shopId)
      .catch((error: NodeJS.ErrnoException) =>
        log.warn(
          { job: JOB, error: error.name, code: error.code },
          "no hint given: the job waits for its time",
        ),
      )
      // Not before: while a queue is away, one hint of each shop waits for it and no more.
      .finally(() => gathering.delete(shopId))
  }, GATHER_MS).unref()
}

const JOB = "process_inbox"

async function giveHint(shopId: number): Promise<void> {
  await jobQueue().enqueue({ job: JOB, id: jobId(JOB, shopId), shopId })
}
