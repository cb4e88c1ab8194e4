import {
  type Catalogue,
  type FeatureEvent,
  type HistoryInputs,
  historyColumns,
  inReadingOrder,
} from "./history-inputs.ts"
import { turnsToProduct } from "./next-item.ts"
import { nextStages } from "./next-stage.ts"

/**
 * One shopper's whole log as the pipeline reads it: for each event the very inputs that serving would compute,
 * and what came of it. The pipeline crops, masks and reorders; it derives no input of its own.
 */
export type TrainingRow = HistoryInputs & {
  /** Epoch ms by which the event was known; never falls along the row, so a cut by time leaks nothing. */
  at_ms: Float64Array
  /** 1 where the event turns the shopper to its product (app/features/next-item.ts). */
  turn: Int32Array
  /** Class of the next stage after the event, −1 where it is not known (app/features/next-stage.ts). */
  next_stage: Int32Array
}

export function trainingRow(
  events: readonly FeatureEvent[],
  catalogue: Catalogue,
  logEndMs: number,
): TrainingRow {
  const ordered = inReadingOrder(events)
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
  }
}
