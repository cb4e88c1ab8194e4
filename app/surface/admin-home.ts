import { z } from "zod"
import type { ShopHistory } from "./shop-history.ts"

/** What the admin's home page says of one shop. Times are epoch milliseconds; days are UTC days. */
export type AdminHome = {
  asOfMs: number
  /** Null where none was asked for, as for a log imported from files. */
  history: ShopHistory | null
  /** Of files. */
  imports: ImportState[]
  products: number
  model: LiveModelCard | null
  today: DayOfDecisions
  fallbacks: FallbackCount[]
  readiness: ReadinessCheck[]
}

export type ImportState = {
  importId: string
  kind: "events" | "items"
  state: "running" | "done" | "failed"
  rowsRead: number
  rowsAdded: number
  rowsKnown: number
  /** Rows set aside, most frequent reason first. */
  aside: { reason: string; rows: number }[]
  message: string | null
  startedAtMs: number
  finishedAtMs: number | null
}

export type LiveModelCard = {
  version: string
  publishedAtMs: number
  /** Span of the events that it learned from, and how many; null where its manifest does not say. */
  training: { fromMs: number; toMs: number; events: number | null } | null
  metrics: ModelMetric[]
}

/** One figure of the model beside the same figure of each baseline, on the same time split; higher is better. */
export type ModelMetric = { name: string; model: number; baselines: { name: string; value: number }[] }

/** Decisions since midnight, by who answered. */
export type DayOfDecisions = {
  total: number
  withheld: number
  servedBy: { name: string; count: number }[]
}

export type FallbackCount = { reason: string; today: number; lastWeek: number }

export type ReadinessCheck = {
  name: "recent_events" | "buyers" | "history_days" | "recent_orders" | "repeat_buyers"
  have: number
  need: number
  /** `have` stops counting at `need`. */
  capped: boolean
}

/**
 * The least data for figures worth reading. Minimums that others publish: 10,000 events in 30 days (Algolia
 * Recommend); 500 buyers, 180 days of history, an order in the last 30 days and some customers with three orders
 * (Klaviyo's predictions).
 */
export const MINIMUMS = {
  recent_events: 10_000,
  buyers: 500,
  history_days: 180,
  recent_orders: 1,
  repeat_buyers: 1,
} as const satisfies Record<ReadinessCheck["name"], number>

export const RECENT_DAYS = 30

const trainingSchema = z.object({
  from: z.coerce.date(),
  to: z.coerce.date(),
  events: z.number().int().nonnegative().optional(),
})

const metricsSchema = z.array(
  z.object({ name: z.string(), model: z.number(), baselines: z.record(z.string(), z.number()) }),
)

/** Reads the parts of a manifest that a merchant can judge; what it lacks is left out. */
export function liveModelCard(version: string, publishedAt: Date, manifest: unknown): LiveModelCard {
  const parts = z.looseObject({ training: z.unknown(), metrics: z.unknown() }).safeParse(manifest)
  const training = trainingSchema.safeParse(parts.data?.training)
  const metrics = metricsSchema.safeParse(parts.data?.metrics)
  return {
    version,
    publishedAtMs: publishedAt.getTime(),
    training: training.success
      ? {
          fromMs: training.data.from.getTime(),
          toMs: training.data.to.getTime(),
          events: training.data.events ?? null,
        }
      : null,
    metrics: metrics.success
      ? metrics.data.map((metric) => ({
          name: metric.name,
          model: metric.model,
          baselines: Object.entries(metric.baselines).map(([name, value]) => ({ name, value })),
        }))
      : [],
  }
}

/** Reasons and their rows, most frequent first. */
export function asideByReason(stored: unknown): ImportState["aside"] {
  const counts = z.record(z.string(), z.coerce.number()).safeParse(stored)
  return Object.entries(counts.data ?? {})
    .map(([reason, rows]) => ({ reason, rows }))
    .sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1))
}
