import type { Market } from "./people/market.ts"
import { STYLE_DIMENSIONS } from "./people/market.ts"
import type { Bot } from "./visits/bots.ts"
import { CHECKOUT_STEPS, FUNNEL, LEAVE, type Ledger, STAGES, type Tally } from "./visits/ledger.ts"
import type { Life } from "./visits/life.ts"

/** What is known beside the event file, and what a pipeline that reads the file is held to. */
export type TruthPerson = {
  person: string
  /** The shop's id for them once known, else null. */
  customer: string | null
  /** Visitor ids of their browsers, in order of use. */
  visitors: string[]
  /** Those that some visit ties to the customer by the join rule. */
  joined: string[]
  visits: number
  orders: number
  firstSeenMs: number
  lastSeenMs: number
  churnedMs: number | null
  returnedMs: number | null
  priceSensitivity: number
  taste: number[]
}

export type TruthStep = Tally & { from: string; to: string }

export type Truth = {
  shop: string
  seed: number
  world: string
  startMs: number
  endMs: number
  shockMs: number | null
  rules: Record<string, string>
  counts: {
    people: number
    customers: number
    visitors: number
    visits: number
    orders: number
    products: number
    happened: number
    lines: number
    duplicates: number
    late: number
    bots: number
    botEvents: number
    refunds: number
    soldOut: number
    launchedLate: number
  }
  /** Visits of people only. `expected` = Σ p, `variance` = Σ p (1 − p), `observed` = what happened, out of `atRisk`. */
  conversion: TruthStep[]
  checkout: TruthStep[]
  /** Step by step within a visit: from the stage of one event to that of the next, or "leave". */
  hazards: TruthStep[]
  nextStage: { from: string; steps: number; entropyNats: number; logLossNats: number }[]
  /** The last tenth of these steps by time: the part that a model trained on the log is tested on. */
  nextStageTest: { fromMs: number; steps: number; entropyNats: number; logLossNats: number }
  nextItem: { steps: number; entropyNats: number; logLossNats: number; perplexity: number }
  bots: Bot[]
  duplicateIds: string[]
  lateIds: string[]
  products: { item: string; style: number[]; quality: number; launchMs: number; soldOutMs: number | null }[]
  people: TruthPerson[]
}

const RULES = {
  join: "Visitor ids (anon-…) and customer ids (cust-…) belong to one person when a source session holds both and exactly one customer id.",
  visit:
    "A visit ends after 30 minutes without an event or when a campaign begins (a `source` other than the one before). Each has a `session` of its own. Visits of one person never overlap.",
  conversion:
    "Over the visits of people (bots out, duplicates out, refunds are in no visit): of the visits that reach `from`, those that reach `to` too, in either order.",
  duplicate: "A duplicate repeats the whole line, `id` included.",
  late: "Lines are in order of receipt; a late one stands after lines of later events.",
  interval: "observed / atRisk lies within (expected ± z · sqrt(variance)) / atRisk.",
} as const

const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits

export function truthPerson(life: Life): TruthPerson {
  const { person } = life
  return {
    person: person.name,
    customer: life.customer,
    visitors: life.visitors,
    joined: life.visitors.filter((visitor) => life.tied.has(visitor)),
    visits: life.visits,
    orders: life.orders,
    firstSeenMs: life.firstSeenMs,
    lastSeenMs: life.lastSeenMs,
    churnedMs: life.churnedMs,
    returnedMs: life.returnedMs,
    priceSensitivity: round(person.priceSensitivity, 3),
    taste: Array.from(person.taste, (value) => round(value, 2)),
  }
}

function rounded(from: string, to: string, tally: Tally | undefined): TruthStep {
  return {
    from,
    to,
    atRisk: tally?.atRisk ?? 0,
    expected: round(tally?.expected ?? 0, 4),
    variance: round(tally?.variance ?? 0, 4),
    observed: tally?.observed ?? 0,
  }
}

export type TruthInput = {
  shop: string
  seed: number
  market: Market
  ledger: Ledger
  people: TruthPerson[]
  bots: Bot[]
  happened: number
  lines: number
  refunds: number
  duplicateIds: string[]
  lateIds: string[]
}

export function makeTruth(input: TruthInput): Truth {
  const { market, ledger, people, bots } = input
  const { startMs } = market.calendar
  const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)
  const nextStage = (from: string, steps: number, entropy: number, loss: number) => ({
    from,
    steps,
    entropyNats: round(entropy / Math.max(1, steps), 5),
    logLossNats: round(loss / Math.max(1, steps), 5),
  })
  const itemEntropy = ledger.itemEntropy / Math.max(1, ledger.itemSteps)
  return {
    shop: input.shop,
    seed: input.seed,
    world: market.world,
    startMs,
    endMs: market.endMs,
    shockMs: market.world === "drift" ? market.shockMs : null,
    rules: RULES,
    counts: {
      people: people.length,
      customers: people.filter((person) => person.customer !== null).length,
      visitors: people.reduce((sum, person) => sum + person.visitors.length, 0),
      visits: ledger.visits,
      orders: people.reduce((sum, person) => sum + person.orders, 0),
      products: market.products.length,
      happened: input.happened,
      lines: input.lines,
      duplicates: input.duplicateIds.length,
      late: input.lateIds.length,
      bots: bots.length,
      botEvents: bots.reduce((sum, bot) => sum + bot.events, 0),
      refunds: input.refunds,
      soldOut: market.products.filter((product) => product.soldOutMs !== null).length,
      launchedLate: market.products.filter((product) => product.launchMs > startMs).length,
    },
    conversion: FUNNEL.map((step, at) => rounded(step.from, step.to, ledger.funnel[at])),
    checkout: CHECKOUT_STEPS.slice(1).map((to, at) =>
      rounded(CHECKOUT_STEPS[at] ?? "", to, ledger.checkout[at]),
    ),
    hazards: STAGES.flatMap((from, row) =>
      [...STAGES, "leave"].map((to, column) =>
        rounded(from, column === LEAVE ? "leave" : to, ledger.transitions[row]?.[column]),
      ),
    ),
    nextStage: [
      nextStage("any", total(ledger.stageSteps), total(ledger.stageEntropy), total(ledger.stageLogLoss)),
      ...STAGES.map((from, at) =>
        nextStage(
          from,
          ledger.stageSteps[at] ?? 0,
          ledger.stageEntropy[at] ?? 0,
          ledger.stageLogLoss[at] ?? 0,
        ),
      ),
    ],
    nextStageTest: lastTenth(ledger.steps),
    nextItem: {
      steps: ledger.itemSteps,
      entropyNats: round(itemEntropy, 5),
      logLossNats: round(ledger.itemLogLoss / Math.max(1, ledger.itemSteps), 5),
      perplexity: round(Math.exp(itemEntropy), 3),
    },
    bots,
    duplicateIds: input.duplicateIds,
    lateIds: input.lateIds,
    products: market.products.map((product, index) => ({
      item: product.item,
      style: Array.from(
        market.style.subarray(index * STYLE_DIMENSIONS, (index + 1) * STYLE_DIMENSIONS),
        (value) => round(value, 3),
      ),
      quality: round(market.quality[index] ?? 0, 3),
      launchMs: product.launchMs,
      soldOutMs: product.soldOutMs,
    })),
    people,
  }
}

function lastTenth(steps: Ledger["steps"]): Truth["nextStageTest"] {
  const ordered = steps.toSorted((a, b) => a.atMs - b.atMs)
  const last = ordered.slice(Math.floor(0.9 * ordered.length))
  const mean = (value: (step: Ledger["steps"][number]) => number) =>
    round(last.reduce((sum, step) => sum + value(step), 0) / Math.max(1, last.length), 5)
  return {
    fromMs: last[0]?.atMs ?? 0,
    steps: last.length,
    entropyNats: mean((step) => step.entropy),
    logLossNats: mean((step) => step.logLoss),
  }
}

/** The range within which a measured share must lie, z standard deviations wide either way. */
export function samplingInterval(step: TruthStep, z: number): { low: number; high: number } {
  const half = z * Math.sqrt(step.variance)
  return { low: (step.expected - half) / step.atRisk, high: (step.expected + half) / step.atRisk }
}

/** What the pipeline can know a person by, for tests that follow one person through it. */
export function knownAs(person: Pick<TruthPerson, "customer" | "joined">): string[] {
  return person.customer === null ? [...person.joined] : [person.customer, ...person.joined]
}
