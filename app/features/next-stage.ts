import { SESSION_GAP_MS } from "../journey/sessions.ts"
import { type Stage, stageOf } from "../journey/stages.ts"
import type { FeatureEvent } from "./history-inputs.ts"

/** Classes of the next-stage head, in the order of its outputs. `leave`: the visit ends before another step. */
export const NEXT_STAGE_CLASSES = ["sign_in", "browse", "cart", "checkout", "purchase", "leave"] as const

/** A label that says nothing: events at the very same time, or a log that ends before the visit could. */
export const UNKNOWN_STAGE = -1

const CLASS_BY_STAGE: Record<Stage, number> = { sign_in: 0, browse: 1, cart: 2, checkout: 3, purchase: 4 }
const LEAVE = 5

/**
 * For each event of an ordered list, what comes next: the stage of the next event that is in a stage, or
 * `leave` where that lies more than 30 minutes off. `logEndMs` is the last time the log covers: an event
 * within 30 minutes of it, with nothing after it, has no label.
 */
export function nextStages(ordered: readonly FeatureEvent[], logEndMs: number): Int32Array {
  const labels = new Int32Array(ordered.length)
  let next: { atMs: number; stage: Stage } | undefined
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    const event = ordered[index]
    if (event === undefined) continue
    if (next === undefined) labels[index] = logEndMs - event.atMs > SESSION_GAP_MS ? LEAVE : UNKNOWN_STAGE
    else if (next.atMs - event.atMs > SESSION_GAP_MS) labels[index] = LEAVE
    else labels[index] = next.atMs === event.atMs ? UNKNOWN_STAGE : CLASS_BY_STAGE[next.stage]
    const stage = stageOf(event.type)
    if (stage !== null) next = { atMs: event.atMs, stage }
  }
  return labels
}
