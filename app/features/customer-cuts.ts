/**
 * The moments at which customers are looked at, to learn from and to be judged on: at each of them everything before
 * is known and a horizon after it is the outcome. Only the test cut's outcome lies after the test cut; all others end
 * by then, so that nothing leaks back in time.
 *
 * Where the window before the test holds the horizon several times, cuts lie a horizon apart. A long horizon does not
 * fit: there the window is split at several fractions and each outcome reaches to the window's end. Its share of the
 * window, 1/3 to nearly 1/2, comes as near to the test's own as leaves enough to know customers by. These outcomes
 * overlap, so whoever chooses on one of them must have learnt from other customers.
 */

export const CUT_ROLES = ["train", "validation", "test"] as const

/** train: what models learn from while they are chosen. validation: what they are chosen on. The last fit takes both. */
export type CutRole = (typeof CUT_ROLES)[number]

export type CustomerCut = {
  role: CutRole
  /** What is asked: 0 = until the log ends, else within so many days. */
  questionDays: number
  asOfMs: number
  /** The outcome ends with it. */
  untilMs: number
}

/** The questions with a fixed horizon: a month and a quarter of a shop's reports. */
export const FIXED_HORIZON_DAYS = [30, 90] as const

const DAY_MS = 86_400_000

/** 26/13, 24/15, 22/17 and 20/19 of 39 weeks. */
const LONG_HORIZON_SPLITS = [26 / 39, 24 / 39, 22 / 39, 20 / 39]

/** Horizons that a window holds at least for cuts a horizon apart: two to learn from and choose on, two to know by. */
const EQUAL_HORIZONS = 4
const MOST_EQUAL_CUTS = 5

export type CustomerWindow = { startMs: number; testMs: number; endMs: number }

/**
 * The test cut of a log where none is asked for: its middle, the usual split for buying again. On the start of a day
 * of UTC, so that a log by the day is never cut within one.
 */
export function customerTestMs(startMs: number, endMs: number): number {
  return Math.ceil((startMs + (endMs - startMs) / 2) / DAY_MS) * DAY_MS
}

/** Cuts of every question that the log has room for; the question until the log's end comes first. */
export function customerCuts({ startMs, testMs, endMs }: CustomerWindow): CustomerCut[] {
  if (startMs >= testMs || testMs >= endMs) return []
  const cuts = cutsOf({ startMs, testMs, endMs }, 0)
  for (const days of FIXED_HORIZON_DAYS) {
    const horizonMs = days * DAY_MS
    if (testMs + horizonMs <= endMs && testMs - startMs >= EQUAL_HORIZONS * horizonMs)
      cuts.push(...cutsOf({ startMs, testMs, endMs: testMs + horizonMs }, days))
  }
  return cuts
}

function cutsOf({ startMs, testMs, endMs }: CustomerWindow, questionDays: number): CustomerCut[] {
  return [
    ...splitsOf(startMs, testMs, endMs - testMs).map((split, index) => ({
      role: index === 0 ? ("validation" as const) : ("train" as const),
      questionDays,
      ...split,
    })),
    { role: "test", questionDays, asOfMs: testMs, untilMs: endMs },
  ]
}

/** Moments before the test, the latest first, whose outcomes end by it. */
function splitsOf(startMs: number, testMs: number, horizonMs: number): { asOfMs: number; untilMs: number }[] {
  const windowMs = testMs - startMs
  const horizons = Math.floor(windowMs / horizonMs)
  if (horizons < EQUAL_HORIZONS)
    return LONG_HORIZON_SPLITS.map((share) => {
      const asOfMs = Math.round(startMs + share * windowMs)
      return { asOfMs, untilMs: Math.min(testMs, asOfMs + horizonMs) }
    })
  // Half of the window stays to know customers by.
  const count = Math.min(MOST_EQUAL_CUTS, Math.floor(horizons / 2))
  return Array.from({ length: count }, (_, index) => ({
    asOfMs: testMs - (index + 1) * horizonMs,
    untilMs: testMs - index * horizonMs,
  }))
}
