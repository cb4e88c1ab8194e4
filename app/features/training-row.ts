import { orderNumbers, type PersonEvent } from "./baskets.ts"
import { type Catalogue, type HistoryInputs, historyColumns, inReadingOrder } from "./history-inputs.ts"
import { turnsToProduct } from "./next-item.ts"
import { nextStages } from "./next-stage.ts"
import { type Outcomes, outcomes } from "./outcomes.ts"
import { visitBuys, visitNumbers } from "./visits.ts"

/**
 * One shopper's whole log as the pipeline reads it: for each event the very inputs that serving would compute,
 * and what came of it. The pipeline crops, masks and reorders; it derives no input of its own.
 */
export type TrainingRow = HistoryInputs &
  Outcomes & {
    /** Epoch ms by which the event was known; never falls along the row, so a cut by time leaks nothing. */
    at_ms: Float64Array
    /** 1 where the event turns the shopper to its product (app/features/next-item.ts). */
    turn: Int32Array
    /** Class of the next stage after the event, −1 where it is not known (app/features/next-stage.ts). */
    next_stage: Int32Array
    /** Number of the order that the event is a line of, from 1; 0 where it is no purchase (app/features/baskets.ts). */
    basket: Int32Array
    /** Number of the visit that the event is in, from 0 (app/features/visits.ts). */
    visit: Int32Array
    /** 1 where the visit buys later, 0 where it ended without, −1 where that is not known (app/features/visits.ts). */
    visit_buys: Int32Array
  }

/**
 * How events at one moment are ordered. `reading`: as serving reads them. `given`: as they come, for a log whose own
 * order says more than its times do; a model is served with the reading order, so such rows judge, they do not train
 * what serves.
 */
export type MomentOrder = "reading" | "given"

export function trainingRow(
  events: readonly PersonEvent[],
  catalogue: Catalogue,
  logEndMs: number,
  momentOrder: MomentOrder = "reading",
): TrainingRow {
  const ordered = momentOrder === "reading" ? inReadingOrder(events) : inGivenOrder(events)
  const atMs = new Float64Array(ordered.length)
  let latest = Number.NEGATIVE_INFINITY
  for (const [index, event] of ordered.entries()) {
    latest = Math.max(latest, event.atMs)
    atMs[index] = latest
  }
  return {
    ...historyColumns(ordered, catalogue, 0, ordered.length),
    at_ms: atMs,
    turn: turnsToProduct(ordered),
    next_stage: nextStages(ordered, logEndMs),
    basket: orderNumbers(ordered),
    visit: visitNumbers(ordered),
    visit_buys: visitBuys(ordered, logEndMs),
    ...outcomes(ordered, logEndMs),
  }
}

function inGivenOrder(events: readonly PersonEvent[]): PersonEvent[] {
  return [...events].sort((a, b) => a.receivedMs - b.receivedMs || a.atMs - b.atMs)
}
