/**
 * The worker process: `node app/cli/worker.ts`. Runs jobs and gives those that are due. Prints one JSON line when it
 * works, and on SIGTERM ends what it has begun and takes no more. Several may run; each job is given once.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { closeDatabase } from "../db.server.ts"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { HANDLERS } from "../jobs/handlers.ts"
import { onlyWhileInstalled } from "../jobs/only-while-installed.server.ts"
import { closeQueue, jobQueue } from "../jobs/open-queue.server.ts"
import { observed } from "../jobs/run-job.server.ts"
import { type Scheduler, startScheduler } from "../jobs/scheduler.server.ts"
import { afterUninstall } from "../jobs/schedules.server.ts"
import { TIMETABLE } from "../jobs/timetable.ts"
import { log } from "../log.server.ts"
import { gaugeFrom, metrics } from "../metrics.server.ts"
import { startScorer, stopScorer } from "../scoring/scorer.server.ts"
import { refuseUnreplayed } from "../shop/ledger-readiness.server.ts"
import { endOnSignal } from "./end-on-signal.ts"

/** A tick is due each second; a database or queue that is away this long makes the process unhealthy. */
const UNHEALTHY_AFTER_MS = 60_000

async function main(): Promise<void> {
  env()
  await refuseUnreplayed()
  const queue = jobQueue()
  startScorer()
  const goesOn = afterUninstall(TIMETABLE)
  const observedHandlers = Object.fromEntries(
    Object.entries(HANDLERS).map(([job, handler]) => [
      job,
      observed(job in goesOn ? handler : onlyWhileInstalled(handler)),
    ]),
  )
  await queue.work(observedHandlers)
  const scheduler = startScheduler(queue, TIMETABLE)
  gaugeFrom("throughline_queue_jobs", "Jobs in the queue, by state.", "state", () => queue.depth())
  const server = createServer({ requestTimeout: 10_000 }, (request, response) =>
    answer(request, response, scheduler),
  )
  const address = await listen(server)
  endOnSignal(() => drain(scheduler, server))
  process.stdout.write(`${JSON.stringify({ working: queue.kind, metrics: address })}\n`)
}

/** `/metrics` for Prometheus and `/healthz` for a supervisor, on the loopback address only. */
function answer(request: IncomingMessage, response: ServerResponse, scheduler: Scheduler): void {
  if (request.url === "/healthz") {
    const healthy = scheduler.silentMs() < UNHEALTHY_AFTER_MS
    response.writeHead(healthy ? 200 : 503).end(healthy ? "ok" : "the scheduler does not tick")
    return
  }
  if (request.url !== "/metrics") {
    response.writeHead(404).end()
    return
  }
  metrics.metrics().then(
    (text) => response.writeHead(200, { "Content-Type": metrics.contentType }).end(text),
    (error: Error) => {
      log.error({ error: error.name }, "metrics could not be read")
      response.writeHead(500).end()
    },
  )
}

function listen(server: Server): Promise<string> {
  // The web process of the same machine has METRICS_PORT; 0 is a free one for each.
  const port = env().METRICS_PORT === 0 ? 0 : env().METRICS_PORT + 1
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new AppError(
          "bad_configuration",
          `METRICS_PORT: the worker takes the one after it and cannot listen on 127.0.0.1:${port} (${cause.code}). Give another one, or 0 for a free one.`,
          { cause },
        ),
      ),
    )
    server.listen(port, "127.0.0.1", () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

async function drain(scheduler: Scheduler, server: Server): Promise<void> {
  await scheduler.stop()
  await closeQueue()
  await stopScorer()
  await closeDatabase()
  server.close()
  server.closeAllConnections()
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof AppError ? error.message : String((error as Error)?.stack ?? error)}\n`,
  )
  process.exit(1)
})
