/**
 * What came after each event: the answers that the model's heads learn, never its inputs. Each is cut off where the log
 * ends; the pipeline cuts them off earlier, at the split.
 */
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { SESSION_GAP_MS } from "../journey/sessions.ts"
import { stageOf } from "../journey/stages.ts"
import { type FeatureEvent, startsSession } from "./history-inputs.ts"
import { OUTCOME_DAYS } from "./purchase-summary.ts"
import { placeOf } from "./sorted-times.ts"

/** Upper bounds, in ms, of the time to the next step of a visit; the last is the pause that ends it. */
export const STEP_GAP_BOUNDS_MS = [5_000, 15_000, 45_000, 120_000, 300_000, 600_000, SESSION_GAP_MS]

/** Upper bounds, in days, of the time to the next visit: 30 and 90 are the usual windows of a report on churn. */
export const RETURN_BOUNDS_DAYS = [1, 3, 7, 14, 30, 60, 90]

/** Spend is of so many days after the event: what a log of some months can teach and still judge. */
export const SPEND_DAYS = OUTCOME_DAYS

/** Class of the next type where the visit ends instead. */
const LEAVE_TYPE = 0
const UNKNOWN = -1
const DAY_MS = 86_400_000

export type Outcomes = {
  /** Code of the visit's next event in a stage, 0 = the visit ends, −1 = not known, or at the very same time. */
  next_type: Int32Array
  /** Place in STEP_GAP_BOUNDS_MS of the time to that event, −1 = the visit ends, or not known. */
  step_gap: Int32Array
  /** Days to the start of the next visit; −1 = none by the log's end. */
  return_days: Float64Array
  /** Bought in the SPEND_DAYS after the event, in cents, before refunds; −1 where the log ends sooner. */
  spend_cents: Float64Array
}

export function outcomes(ordered: readonly FeatureEvent[], logEndMs: number): Outcomes {
  const { types, gaps } = nextSteps(ordered, logEndMs)
  return {
    next_type: types,
    step_gap: gaps,
    return_days: returnDays(ordered),
    spend_cents: spendCents(ordered, logEndMs),
  }
}

function nextSteps(ordered: readonly FeatureEvent[], logEndMs: number) {
  const types = new Int32Array(ordered.length).fill(UNKNOWN)
  const gaps = new Int32Array(ordered.length).fill(UNKNOWN)
  let next: FeatureEvent | undefined
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    const event = ordered[index]
    if (event === undefined) continue
    const pauseMs = (next?.atMs ?? logEndMs) - event.atMs
    if (pauseMs > SESSION_GAP_MS) types[index] = LEAVE_TYPE
    else if (next !== undefined && pauseMs > 0) {
      types[index] = EVENT_TYPE_CODES[next.type]
      gaps[index] = STEP_GAP_BOUNDS_MS.findIndex((bound) => pauseMs <= bound)
    }
    if (stageOf(event.type) !== null) next = event
  }
  return { types, gaps }
}

function returnDays(ordered: readonly FeatureEvent[]): Float64Array {
  const days = new Float64Array(ordered.length).fill(UNKNOWN)
  let nextVisitMs: number | undefined
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    const event = ordered[index]
    if (event === undefined) continue
    if (nextVisitMs !== undefined && nextVisitMs > event.atMs)
      days[index] = (nextVisitMs - event.atMs) / DAY_MS
    // A refund is the shop's doing: nobody came.
    if (event.type !== "refund" && startsSession(event, ordered[index - 1])) nextVisitMs = event.atMs
  }
  return days
}

function spendCents(ordered: readonly FeatureEvent[], logEndMs: number): Float64Array {
  const bought = ordered.filter((event) => event.type === "purchase").sort((a, b) => a.atMs - b.atMs)
  const times = bought.map((event) => event.atMs)
  const sums = [0]
  for (const [index, event] of bought.entries())
    sums.push((sums[index] ?? 0) + (event.priceCents ?? 0) * (event.quantity ?? 1))
  const upTo = (ms: number) => sums[placeOf(times, ms + 1)] ?? 0
  return Float64Array.from(ordered, ({ atMs }) => {
    const untilMs = atMs + SPEND_DAYS * DAY_MS
    return untilMs > logEndMs ? UNKNOWN : upTo(untilMs) - upTo(atMs)
  })
}
