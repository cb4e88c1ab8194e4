import { z } from "zod"
import { RECORD_KINDS } from "../capture/shopify/record.ts"
import type { Comparison, KindCompared } from "./shop-history.ts"

/** A job that is at work is due again within its lease, and says so every few seconds: its period is a day. */
const AT_WORK_MS = 15_000

export type ComparisonRow = {
  state: "running" | "done" | "failed"
  counts: unknown
  message: string | null
  finishedAtMs: number | null
}

/**
 * @param latest the newest run
 * @param finished the newest that came to its end
 * @param nextAtMs when its job is due; null where the shop has no such job
 */
export function comparisonOf(
  latest: ComparisonRow | null,
  finished: ComparisonRow | null,
  nextAtMs: number | null,
  asOfMs: number,
): Comparison {
  const soon = nextAtMs !== null && nextAtMs <= asOfMs + AT_WORK_MS
  const last =
    finished?.finishedAtMs == null
      ? null
      : { finishedAtMs: finished.finishedAtMs, kinds: kindsCompared(finished.counts) }
  const state = () => {
    if (latest?.state === "running") return soon || nextAtMs === null ? "running" : "paused"
    if (soon) return "asked"
    return latest?.state === "failed" ? "failed" : "idle"
  }
  return {
    state: state(),
    message: latest?.message ?? null,
    nextAtMs,
    soFar: latest?.state === "running" ? kindsCompared(latest.counts) : [],
    last,
  }
}

const counted = z.object({
  checked: z.number(),
  missing: z.number(),
  stale: z.number(),
  gone: z.number(),
})

/** Kinds of which there was something to compare; what cannot be read is left out. */
export function kindsCompared(stored: unknown): KindCompared[] {
  const counts = z.record(z.string(), z.unknown()).safeParse(stored)
  return RECORD_KINDS.flatMap((kind) => {
    const { data } = counted.safeParse(counts.data?.[kind])
    return data && data.checked + data.missing + data.stale + data.gone > 0 ? [{ kind, ...data }] : []
  })
}
