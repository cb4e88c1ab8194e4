import type { EventType } from "../../../../app/capture/event.ts"

/**
 * The generator's own account of chance. Before each step of a visit the generator holds the exact
 * probability of every next step, so a count N of something that happened has a predictable twin
 * A = Σ p, and N − A is a martingale with variance V = Σ p (1 − p): whatever a pipeline measures for N must
 * lie within A ± z √V. Entropies are of the same exact probabilities: no model that lacks the hidden state can
 * predict better than them on average, and one that has it cannot either.
 */
export const STAGES = ["sign_in", "browse", "cart", "checkout", "purchase"] as const
export type Stage = (typeof STAGES)[number]
export const STAGE_COUNT = STAGES.length
/** Index beside the stages: the visit ends. */
export const LEAVE = STAGE_COUNT

const STAGE_INDEX: Record<EventType, number> = {
  register: 0,
  login: 0,
  page_view: 1,
  collection_view: 1,
  search: 1,
  product_view: 1,
  recommendation_click: 1,
  cart_add: 2,
  cart_remove: 2,
  cart_view: 2,
  favourite: 2,
  checkout_start: 3,
  checkout_contact: 3,
  checkout_address: 3,
  checkout_shipping: 3,
  checkout_payment: 3,
  purchase: 4,
  refund: -1,
}

/** Index in STAGES, or −1 for a type that is in no stage. */
export function stageIndex(type: EventType): number {
  return STAGE_INDEX[type]
}

/** The steps of a funnel whose conversion is accounted for. "visit" is any visit at all. */
export const FUNNEL = [
  { from: "visit", to: "browse" },
  { from: "visit", to: "cart" },
  { from: "visit", to: "checkout" },
  { from: "visit", to: "purchase" },
  { from: "browse", to: "cart" },
  { from: "cart", to: "checkout" },
  { from: "checkout", to: "purchase" },
] as const satisfies readonly { from: Stage | "visit"; to: Stage }[]

const stageNumber = (stage: Stage | "visit") => (stage === "visit" ? -1 : STAGES.indexOf(stage))
const FUNNEL_INDEX = FUNNEL.map((step) => ({ from: stageNumber(step.from), to: stageNumber(step.to) }))

export const CHECKOUT_STEPS = [
  "checkout_start",
  "checkout_contact",
  "checkout_address",
  "checkout_shipping",
  "checkout_payment",
  "purchase",
] as const

export type Tally = { atRisk: number; expected: number; variance: number; observed: number }
const tally = (): Tally => ({ atRisk: 0, expected: 0, variance: 0, observed: 0 })

export type Ledger = {
  visits: number
  /** (from stage, to stage or leave): one entry a step. */
  transitions: Tally[][]
  funnel: Tally[]
  /** From each checkout step to the one after it. */
  checkout: Tally[]
  /** By stage that the step starts from: steps, Σ entropy and Σ −log p of what happened, nats. */
  stageSteps: Float64Array
  stageEntropy: Float64Array
  stageLogLoss: Float64Array
  /** Each step on its own: when it was asked, its entropy and −log p of what happened, nats. */
  steps: { atMs: number; entropy: number; logLoss: number }[]
  itemSteps: number
  itemEntropy: number
  itemLogLoss: number
}

export function makeLedger(): Ledger {
  return {
    visits: 0,
    transitions: STAGES.map(() => Array.from({ length: STAGE_COUNT + 1 }, tally)),
    funnel: FUNNEL.map(tally),
    checkout: CHECKOUT_STEPS.slice(1).map(tally),
    stageSteps: new Float64Array(STAGE_COUNT),
    stageEntropy: new Float64Array(STAGE_COUNT),
    stageLogLoss: new Float64Array(STAGE_COUNT),
    steps: [],
    itemSteps: 0,
    itemEntropy: 0,
    itemLogLoss: 0,
  }
}

function enter(
  ledger: Ledger,
  reached: number,
  stage: number,
  probabilities: Float64Array | undefined,
): number {
  const now = reached | (1 << stage)
  for (const [at, step] of FUNNEL_INDEX.entries()) {
    const entry = ledger.funnel[at]
    if (!entry) continue
    const had = step.from < 0 ? probabilities !== undefined : (reached & (1 << step.from)) !== 0
    const has = step.from < 0 || (now & (1 << step.from)) !== 0
    const done = (reached & (1 << step.to)) !== 0
    if (has && !had) entry.atRisk++
    if (had && !done && probabilities) {
      const p = probabilities[step.to] ?? 0
      entry.expected += p
      entry.variance += p * (1 - p)
      if (stage === step.to) entry.observed++
    } else if (has && !had && (now & (1 << step.to)) !== 0) {
      // Reached before it came to be at risk (a visit that lands in its cart): certain, so no variance.
      entry.expected++
      entry.observed++
    }
  }
  return now
}

/** The first event of a visit. Returns the set of stages reached, as bits. */
export function openVisit(ledger: Ledger, stage: number): number {
  ledger.visits++
  return enter(ledger, 0, stage, undefined)
}

/**
 * One step after an event at `atMs`: `probabilities` over the stages and leaving; `to` is what happened. Returns the
 * stages reached.
 */
export function recordStep(
  ledger: Ledger,
  atMs: number,
  reached: number,
  from: number,
  to: number,
  probabilities: Float64Array,
): number {
  const row = ledger.transitions[from]
  let entropy = 0
  for (let stage = 0; stage <= STAGE_COUNT; stage++) {
    const p = probabilities[stage] ?? 0
    if (p > 0) entropy -= p * Math.log(p)
    const entry = row?.[stage]
    if (!entry) continue
    entry.atRisk++
    entry.expected += p
    entry.variance += p * (1 - p)
    if (stage === to) entry.observed++
  }
  ledger.stageSteps[from] = (ledger.stageSteps[from] ?? 0) + 1
  ledger.stageEntropy[from] = (ledger.stageEntropy[from] ?? 0) + entropy
  const logLoss = -Math.log(probabilities[to] ?? 1)
  ledger.stageLogLoss[from] = (ledger.stageLogLoss[from] ?? 0) + logLoss
  ledger.steps.push({ atMs, entropy, logLoss })
  if (to === LEAVE) {
    // Leaving enters no stage, yet every stage not reached was at risk.
    for (const [at, step] of FUNNEL_INDEX.entries()) {
      const entry = ledger.funnel[at]
      const had = step.from < 0 || (reached & (1 << step.from)) !== 0
      if (!entry || !had || (reached & (1 << step.to)) !== 0) continue
      const p = probabilities[step.to] ?? 0
      entry.expected += p
      entry.variance += p * (1 - p)
    }
    return reached
  }
  return enter(ledger, reached, to, probabilities)
}

export function recordCheckoutStep(ledger: Ledger, step: number, probability: number, taken: boolean): void {
  const entry = ledger.checkout[step]
  if (!entry) return
  entry.atRisk++
  entry.expected += probability
  entry.variance += probability * (1 - probability)
  if (taken) entry.observed++
}

export function recordItem(
  ledger: Ledger,
  probabilities: Float64Array,
  length: number,
  chosen: number,
): void {
  let entropy = 0
  for (let i = 0; i < length; i++) {
    const p = probabilities[i] ?? 0
    if (p > 0) entropy -= p * Math.log(p)
  }
  ledger.itemSteps++
  ledger.itemEntropy += entropy
  ledger.itemLogLoss -= Math.log(probabilities[chosen] ?? 1)
}
