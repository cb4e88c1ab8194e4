import { join } from "node:path"
import { performance } from "node:perf_hooks"
import type { ServerBuild } from "@remix-run/node"
import compression from "compression"
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express"
import { MAX_BODY_BYTES } from "../capture/inbox.server.ts"
import { env } from "../env.server.ts"
import { log } from "../log.server.ts"
import { observeRequest } from "../metrics.server.ts"
import { isDraining } from "../readiness.server.ts"
import { remixHandler } from "./remix-handler.ts"
import { resourceHandler } from "./resource-handler.ts"
import { ASSETS, NO_ROUTE, routePatterns } from "./route-patterns.ts"

const BODY_LIMIT = "1mb"
/** Storefront requests are small, and anyone may send them. */
const PROXY_BODY_LIMIT = "64kb"

const clientFolder = join(import.meta.dirname, "..", "..", "build", "client")

/** The web application: what stands before Remix, and Remix. */
export function webApplication(build: ServerBuild): Express {
  const remix = remixHandler(build)
  const app = express()
  app.disable("x-powered-by")
  app.disable("etag")
  app.use(observed(routePatterns(build)), safeHeaders)
  // The storefront's way is the short one: no compression of a few hundred bytes, no look for a file.
  app.use(
    "/proxy",
    express.raw({ type: () => true, limit: PROXY_BODY_LIMIT }),
    resourceHandler(build, "proxy"),
  )
  app.use(
    "/webhooks",
    // As it came, for that is what is signed.
    express.raw({ type: () => true, limit: MAX_BODY_BYTES.webhook, inflate: false }),
    resourceHandler(build, "webhooks"),
  )
  app.use(compression())
  app.use(onlyRoutes(express.raw({ type: () => true, limit: BODY_LIMIT })), onlyRoutes(remix))
  app.use(
    "/assets",
    express.static(join(clientFolder, "assets"), { immutable: true, maxAge: "1y", index: false }),
  )
  app.use(express.static(clientFolder, { maxAge: "1h", index: false }))
  // Here ends /__manifest too, through which Remix 2.10 to 2.17.4 could be kept busy (CVE-2026-42342).
  app.use((_request, response) => void response.status(404).type("text").send("Not found"))
  app.use(answerError)
  return app
}

/** Runs `handler` for the paths of routes; the others go on to the files. */
function onlyRoutes(handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const { route } = response.locals
    if (route === NO_ROUTE || route === ASSETS) next()
    else handler(request, response, next)
  }
}

/** One log line and one measurement for each request: the route's pattern, never the address (it carries tokens). */
function observed(patternOf: (path: string) => string): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now()
    // Now, while the path is whole: a router below takes its own part off.
    const route = patternOf(request.path)
    response.locals.route = route
    response.on("close", () => {
      const ms = performance.now() - startedAt
      const status = response.writableFinished ? response.statusCode : 499
      observeRequest(request.method, route, status, ms / 1000)
      // Probes come every few seconds and would drown the rest.
      const level = route === "/healthz" || route === "/readyz" ? "debug" : "info"
      log[level]({ method: request.method, route, status, ms: Math.round(ms * 10) / 10 }, "request")
    })
    next()
  }
}

const safeHeaders: RequestHandler = (_request, response, next) => {
  // Else a client that keeps its connection would go on using a server that is ending.
  if (isDraining()) response.setHeader("Connection", "close")
  response.setHeader("X-Content-Type-Options", "nosniff")
  // An admin page's address holds a session token.
  response.setHeader("Referrer-Policy", "same-origin")
  // Nobody frames us, unless the page says who may (the admin's pages do).
  response.setHeader("Content-Security-Policy", "frame-ancestors 'none'; base-uri 'none'")
  if (env().SHOPIFY_APP_URL.startsWith("https:"))
    response.setHeader("Strict-Transport-Security", "max-age=31536000")
  next()
}

/** What never reached Remix: a body too large, a broken encoding, a malformed address. */
const answerError: ErrorRequestHandler = (
  error: { status?: unknown; name?: unknown },
  _request,
  response,
  _next,
) => {
  const status = typeof error.status === "number" ? error.status : error.name === "TypeError" ? 400 : 500
  if (status >= 500) log.error({ error: error.name }, "a request failed before it reached its route")
  if (response.headersSent) response.destroy()
  else
    response
      .status(status)
      .setHeader("Connection", "close")
      .json({ error: status === 413 ? "too_large" : "bad_request" })
}
