/**
 * What the model's heads say of a shopper after the last event, as probabilities and cents. A model has only the heads
 * that beat their baselines when it was trained: what is missing is null, and its reader falls back.
 */
import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import { NEXT_STAGE_CLASSES } from "../features/next-stage.ts"
import { RETURN_BOUNDS_DAYS } from "../features/outcomes.ts"

/** Outputs of the encoder beside the shopper's vector, by the names in its graph. */
export const HEADS = [
  "next_stage_logits",
  "next_type_logits",
  "step_gap_logits",
  "intent_logit",
  "return_hazard_logits",
  "spend",
] as const

export type HeadName = (typeof HEADS)[number]
export type HeadOutputs = Partial<Record<HeadName, Float32Array>>

/** Beyond this spread a log-normal's mean is all tail; the pipeline judges spend with the same cut. */
const WIDEST_LOG_SPREAD = 2

export type Outlook = {
  nextStage: Record<(typeof NEXT_STAGE_CLASSES)[number], number> | null
  /** `leave`: the visit ends before another step. */
  nextType: Record<EventType | "leave", number> | null
  /** By STEP_GAP_BOUNDS_MS, given that the visit goes on. */
  stepGap: number[] | null
  /** That this visit still ends in a purchase. */
  purchaseProbability: number | null
  /** By the end of each span of RETURN_BOUNDS_DAYS after the last event. */
  returnProbabilities: number[] | null
  /** In the SPEND_DAYS after the last event. */
  expectedSpendCents: number | null
}

export function outlook(heads: HeadOutputs): Outlook {
  const stage = heads.next_stage_logits && softmax(heads.next_stage_logits)
  const type = heads.next_type_logits && softmax(heads.next_type_logits)
  const { intent_logit: intent, return_hazard_logits: hazards, spend } = heads
  return {
    nextStage: stage ? named(NEXT_STAGE_CLASSES, (_, code) => stage[code] ?? 0) : null,
    nextType: type
      ? named(["leave", ...EVENT_TYPES], (name) => type[name === "leave" ? 0 : EVENT_TYPE_CODES[name]] ?? 0)
      : null,
    stepGap: heads.step_gap_logits ? softmax(heads.step_gap_logits) : null,
    purchaseProbability: intent ? sigmoid(intent[0] ?? 0) : null,
    returnProbabilities: hazards ? byEndOfSpan(hazards) : null,
    expectedSpendCents: spend ? expectedCents(spend) : null,
  }
}

/**
 * That a shopper who has stayed away `awayDays` since the last event comes back within `days` more: spans that have
 * passed say nothing any more, one that has passed in part counts in proportion.
 */
export function returnProbability(hazards: Float32Array, awayDays: number, days: number): number {
  let stillAway = 1
  let lower = 0
  for (const [span, upper] of RETURN_BOUNDS_DAYS.entries()) {
    const covered = Math.min(upper, awayDays + days) - Math.max(lower, awayDays)
    if (covered > 0) stillAway *= (1 - sigmoid(hazards[span] ?? 0)) ** (covered / (upper - lower))
    lower = upper
  }
  return 1 - stillAway
}

function byEndOfSpan(hazards: Float32Array): number[] {
  return RETURN_BOUNDS_DAYS.map((days) => returnProbability(hazards, 0, days))
}

function expectedCents(spend: Float32Array): number {
  const [any = 0, mean = 0, spread = 0] = spend
  return sigmoid(any) * Math.exp(mean + Math.min(spread, WIDEST_LOG_SPREAD) ** 2 / 2)
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits)
  const weights = Array.from(logits, (logit) => Math.exp(logit - most))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

function named<Name extends string>(
  names: readonly Name[],
  value: (name: Name, code: number) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name, code) => [name, value(name, code)])) as Record<Name, number>
}
