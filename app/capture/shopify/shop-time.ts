/** The shop's clock, as its messages tell it. */
import { FIRST_EVENT_MS } from "../event-row.ts"

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/

/** Nothing that a message tells as done lies further ahead than this; beyond it a clock is wrong. */
const MAX_AHEAD_MS = 86_400_000

/**
 * ISO 8601 with an offset → epoch milliseconds.
 * @param seenAtMs when the message was made
 * @returns undefined where it is no such time, or one that cannot be
 */
export function msOfTime(value: unknown, seenAtMs: number): number | undefined {
  if (typeof value !== "string" || !ISO.test(value)) return undefined
  const ms = Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"))
  return ms >= FIRST_EVENT_MS && ms <= seenAtMs + MAX_AHEAD_MS ? ms : undefined
}

/**
 * Version of what was seen: `updated_at` has whole seconds, and a resource may change twice within one. What was seen
 * later in that second is newer, and what was seen after it is the second's last state.
 * @param updatedAtMs undefined where the message does not say: then it is as new as the look at it
 * @param seenAtMs when the message was triggered, or the shop was asked
 */
export function versionOf(updatedAtMs: number | undefined, seenAtMs: number): number {
  if (updatedAtMs === undefined) return seenAtMs
  return Math.min(Math.max(seenAtMs, updatedAtMs), updatedAtMs + 999)
}
