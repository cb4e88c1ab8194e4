import { setTimeout as wait } from "node:timers/promises"
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { AppError } from "./errors.ts"
import { log } from "./log.server.ts"

/** What Prometheus reads. Labels are closed sets: a shop, a path or a shopper is never one. */
export const metrics = new Registry()

// Memory, CPU, handles and event-loop lag of this process.
collectDefaultMetrics({ register: metrics })

const httpSeconds = new Histogram({
  name: "throughline_http_request_seconds",
  help: "Time to answer, by route pattern.",
  labelNames: ["method", "route", "status"] as const,
  // Around the storefront's budget of tens of milliseconds.
  buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  registers: [metrics],
})

const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])

export function observeRequest(method: string, route: string, status: number, seconds: number): void {
  // Method names come from outside: an open set of label values would fill the memory.
  const label = KNOWN_METHODS.has(method) ? method : "other"
  httpSeconds.observe({ method: label, route, status: `${Math.floor(status / 100)}xx` }, seconds)
}

const fallbacks = new Counter({
  name: "throughline_fallbacks_total",
  help: "Slates that something other than the model answered, by reason.",
  labelNames: ["reason"] as const,
  registers: [metrics],
})

/** Counts an answer that the model did not give. The admin's counts are rows in `counters`. */
export function countFallback(reason: string): void {
  fallbacks.inc({ reason })
}

const webhooks = new Counter({
  name: "throughline_webhooks_total",
  help: "Webhooks that came, by what became of them.",
  labelNames: ["outcome"] as const,
  registers: [metrics],
})

export type WebhookOutcome =
  | "accepted"
  | "duplicate"
  /** Answered well and not kept: the shop never had the app, or it is gone from there; nobody asked for the topic. */
  | "unknown_shop"
  | "left_shop"
  | "unknown_topic"
  | "refused"
  | "failed"

export function countWebhook(outcome: WebhookOutcome): void {
  webhooks.inc({ outcome })
}

const READ_WITHIN_MS = 2_000

async function tooLate(): Promise<never> {
  await wait(READ_WITHIN_MS, undefined, { ref: false })
  throw new AppError("unavailable", `a metric was not read within ${READ_WITHIN_MS} ms`)
}

/**
 * A gauge that is read when Prometheus asks. `read` returns the value of each label; one that throws leaves the
 * gauge empty for that scrape, so that the other metrics are still served.
 */
export function gaugeFrom<Label extends string>(
  name: string,
  help: string,
  label: Label,
  read: () => Promise<Record<string, number>> | Record<string, number>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [metrics],
    async collect() {
      this.reset()
      try {
        const figures = await Promise.race([read(), tooLate()])
        for (const [value, count] of Object.entries(figures)) this.labels(value).set(count)
      } catch (error) {
        log.warn({ metric: name, error: error instanceof Error ? error.name : "unknown" }, "metric not read")
      }
    },
  })
}
