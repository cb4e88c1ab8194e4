/**
 * The web process: `node app/cli/web.ts`, after `npm run build`. Prints one JSON line with its addresses when it
 * serves, and ends well on SIGTERM: it finishes what it has begun, writes what it holds, then closes.
 */
import { existsSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import type { ServerBuild } from "@remix-run/node"
import { closeDatabase, listShopIds } from "../db.server.ts"
import { flushDecisions } from "../decision/decision-log.server.ts"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { closeQueue, jobQueue } from "../jobs/open-queue.server.ts"
import { log } from "../log.server.ts"
import { gaugeFrom, metrics } from "../metrics.server.ts"
import { startDraining } from "../readiness.server.ts"
import { warmShop } from "../recommend/shop-context.server.ts"
import { scorerState, startScorer, stopScorer } from "../scoring/scorer.server.ts"
import { refuseUnreplayed } from "../shop/ledger-readiness.server.ts"
import { endOnSignal } from "./end-on-signal.ts"

const bundle = join(import.meta.dirname, "..", "..", "build", "server", "index.js")

async function main(): Promise<void> {
  // First of all: React, which the imports below bring, reads NODE_ENV when it is loaded.
  env()
  const build = await loadBuild()
  await refuseUnreplayed()
  const { webApplication } = await import("./web-server.ts")
  const web = createServer(SOCKET_LIMITS, webApplication(build))
  const scrape = createServer(SOCKET_LIMITS, answerScrape)
  startScorer()
  watchScorer()
  watchQueue()
  await Promise.race([warmShops(), wait(WARM_WITHIN_MS, undefined, { ref: false })])
  const listening = await listen(web, env().HOST, env().PORT, "PORT")
  const metricsAddress = await listen(scrape, "127.0.0.1", env().METRICS_PORT, "METRICS_PORT")
  endOnSignal(() => drain(web, scrape))
  process.stdout.write(`${JSON.stringify({ listening, metrics: metricsAddress })}\n`)
}

/** A client that sends a byte a minute must not hold a socket: headers within 10 s, the whole request within 30 s. */
const SOCKET_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Above the 60 s that most load balancers keep an idle connection.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
}

async function loadBuild(): Promise<ServerBuild> {
  if (!existsSync(bundle))
    throw new AppError("missing_tool", "Expected the built pages in build/, found none. Run: npm run build")
  return import(pathToFileURL(bundle).href)
}

function answerScrape(request: IncomingMessage, response: ServerResponse): void {
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

/** A shop that is warm answers its first visitor by the model; with many shops the rest warm while we serve. */
const WARM_WITHIN_MS = 5_000

async function warmShops(): Promise<void> {
  try {
    for (const shopId of await listShopIds()) await warmShop(shopId)
  } catch (error) {
    log.warn({ error: (error as Error).name }, "shops were not made ready: the database did not answer")
  }
}

function watchQueue(): void {
  gaugeFrom("throughline_queue_jobs", "Jobs in the queue, by state.", "state", () => jobQueue().depth())
}

function watchScorer(): void {
  gaugeFrom("throughline_scorer", "State of this process's scorer.", "figure", () => {
    const { running, rssBytes, restarts, waiting, loadedModels, refused } = scorerState()
    return {
      running: Number(running),
      rss_bytes: rssBytes,
      restarts,
      waiting,
      loaded_models: loadedModels,
      refused_models: refused.length,
    }
  })
}

function listen(server: Server, host: string, port: number, variable: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new AppError(
          "bad_configuration",
          `${variable}: cannot listen on ${host}:${port} (${cause.code}). Give another one, or 0 for a free one.`,
          { cause },
        ),
      ),
    )
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo
      resolve(`http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${taken}`)
    })
  })
}

/** Requests get most of the time; the rest is for writing what is held. */
const SHARE_FOR_REQUESTS = 0.8

async function drain(web: Server, scrape: Server): Promise<void> {
  startDraining()
  const requestsDone = new Promise((resolve) => web.close(resolve))
  // A connection that is kept alive becomes idle when its request ends, not before.
  const idle = setInterval(() => web.closeIdleConnections(), 50)
  const impatience = setTimeout(
    () => web.closeAllConnections(),
    env().DRAIN_SECONDS * 1_000 * SHARE_FOR_REQUESTS,
  )
  await requestsDone
  clearTimeout(impatience)
  clearInterval(idle)
  await flushDecisions()
  await stopScorer()
  await closeQueue()
  await closeDatabase()
  scrape.close()
  scrape.closeAllConnections()
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof AppError ? error.message : String((error as Error)?.stack ?? error)}\n`,
  )
  process.exit(1)
})
