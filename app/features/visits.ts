import { SESSION_GAP_MS } from "../journey/sessions.ts"
import { type FeatureEvent, startsSession } from "./history-inputs.ts"

/** The label of a visit that the log's end cuts off. */
export const UNKNOWN_VISIT = -1

/** The number of the visit that each event of an ordered list is in, from 0. */
export function visitNumbers(ordered: readonly FeatureEvent[]): Int32Array {
  const numbers = new Int32Array(ordered.length)
  let visit = -1
  for (const [index, event] of ordered.entries()) {
    if (startsSession(event, ordered[index - 1])) visit += 1
    numbers[index] = visit
  }
  return numbers
}

/**
 * For each event, 1 if a purchase follows later in its visit, 0 if none does, −1 where the log ends before the visit
 * could. What has the same time is not later: lines of one order, a log by the day.
 */
export function visitBuys(ordered: readonly FeatureEvent[], logEndMs: number): Int32Array {
  const labels = new Int32Array(ordered.length)
  let lastPurchaseMs = Number.NEGATIVE_INFINITY
  let open = true
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    const event = ordered[index]
    if (event === undefined) continue
    const next = ordered[index + 1]
    if (next === undefined || startsSession(next, event)) {
      lastPurchaseMs = Number.NEGATIVE_INFINITY
      open = next === undefined && logEndMs - event.atMs <= SESSION_GAP_MS
    }
    if (lastPurchaseMs > event.atMs) labels[index] = 1
    else labels[index] = open ? UNKNOWN_VISIT : 0
    if (event.type === "purchase") lastPurchaseMs = Math.max(lastPurchaseMs, event.atMs)
  }
  return labels
}
