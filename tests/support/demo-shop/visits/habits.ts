import { kindSpec } from "../catalogue/kinds.ts"
import type { Market } from "../people/market.ts"
import type { Life } from "./life.ts"
import type { Place } from "./step.ts"

/** Well under the 30 minutes that split visits, so that a visit of the truth is one session of any reader. */
export const LONGEST_PAUSE_MS = 24 * 60_000

export function pauseMs(life: Life, place: Place): number {
  const median = place === "list" || place === "home" ? 14_000 : place === "product" ? 26_000 : 19_000
  const long = life.random.chance(0.018) ? life.random.between(180_000, 1_200_000) : 0
  return Math.round(Math.min(LONGEST_PAUSE_MS, 1200 + median * Math.exp(0.85 * life.random.normal()) + long))
}

/** Units of one cart line: sets of crockery, spare soap, a handful of cards, one of all else. */
export function unitsOf(market: Market, life: Life, index: number): number {
  const kind = market.kindOf[index]
  if (kind === "mug" || kind === "plate" || kind === "bowl") return life.random.pick([1, 1, 2, 2, 4, 4, 6])
  if (kind === "card") return life.random.pick([1, 1, 2, 3, 5])
  if (kind && kindSpec(kind).lastsDays !== undefined) return life.random.pick([1, 1, 1, 2, 2, 3])
  return life.random.chance(0.1) ? 2 : 1
}
