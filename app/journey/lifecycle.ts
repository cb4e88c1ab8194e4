/**
 * Where a customer stands, by their own rhythm. After a second purchase, and where the shop's BG/NBD parameters are
 * known, by P(alive). Else by silence against the rhythm: the median gap between the shopper's own purchases, or
 * the shop's mean gap (α/r) while they have made but one.
 *
 *               P(alive)      silence
 *   active      ≥ 0.5         ≤ 2 rhythms: one purchase is overdue at most
 *   at_risk     ≥ 0.2         ≤ 4 rhythms
 *   lapsed      below         longer
 *
 * `new` is an active customer of one purchase; `won_back` an active one whose last purchase ended a time in which
 * they counted as lapsed. There is no state before the first purchase.
 *
 * Limits: two purchases make a poor rhythm, so one shorter than a week counts as a week; thresholds are this
 * project's choice, not a finding.
 */
import { type BgNbdParameters, pAlive } from "./p-alive.ts"

export const LIFECYCLES = ["new", "active", "at_risk", "lapsed", "won_back"] as const
export type Lifecycle = (typeof LIFECYCLES)[number]

const DAY_MS = 86_400_000
const ACTIVE_P_ALIVE = 0.5
const AT_RISK_P_ALIVE = 0.2
const ACTIVE_RHYTHMS = 2
const AT_RISK_RHYTHMS = 4
/** Days between purchases, where neither the shopper nor a fit tells: twice the 30 days of a usual purchase window. */
const DEFAULT_RHYTHM_DAYS = 60
const LEAST_RHYTHM_DAYS = 7

type Standing = "active" | "at_risk" | "lapsed"

/**
 * @param purchasesMs times of purchase of one person, ascending, all at or before `asOfMs`
 * @param parameters of the shop's fit, in days; null where there is none
 */
export function lifecycleOf(
  purchasesMs: readonly number[],
  asOfMs: number,
  parameters: BgNbdParameters | null,
): Lifecycle | null {
  const last = purchasesMs.at(-1)
  if (last === undefined) return null
  const standing = standingOf(purchasesMs, asOfMs, parameters)
  if (standing !== "active") return standing
  if (purchasesMs.length === 1) return "new"
  return standingOf(purchasesMs.slice(0, -1), last, parameters) === "lapsed" ? "won_back" : "active"
}

function standingOf(
  purchasesMs: readonly number[],
  asOfMs: number,
  parameters: BgNbdParameters | null,
): Standing {
  const first = purchasesMs[0] ?? asOfMs
  const last = purchasesMs.at(-1) ?? asOfMs
  if (parameters !== null && purchasesMs.length > 1) {
    const days = (fromMs: number, toMs: number) => (toMs - fromMs) / DAY_MS
    const alive = pAlive(parameters, purchasesMs.length - 1, days(first, last), days(first, asOfMs))
    if (alive >= ACTIVE_P_ALIVE) return "active"
    return alive >= AT_RISK_P_ALIVE ? "at_risk" : "lapsed"
  }
  const rhythms = (asOfMs - last) / (rhythmDays(purchasesMs, parameters) * DAY_MS)
  if (rhythms <= ACTIVE_RHYTHMS) return "active"
  return rhythms <= AT_RISK_RHYTHMS ? "at_risk" : "lapsed"
}

function rhythmDays(purchasesMs: readonly number[], parameters: BgNbdParameters | null): number {
  const gaps = purchasesMs.slice(1).map((at, index) => at - (purchasesMs[index] ?? at))
  if (gaps.length === 0)
    return parameters === null
      ? DEFAULT_RHYTHM_DAYS
      : Math.max(LEAST_RHYTHM_DAYS, parameters.alpha / parameters.r)
  gaps.sort((a, b) => a - b)
  const middle = gaps.length >> 1
  const upper = gaps[middle] ?? 0
  const median = gaps.length % 2 === 1 ? upper : (upper + (gaps[middle - 1] ?? upper)) / 2
  return Math.max(LEAST_RHYTHM_DAYS, median / DAY_MS)
}
