import { type FeatureEvent, inReadingOrder, startsSession } from "./history-inputs.ts"
import { openShopperTotals, SHOPPER_FEATURES, type ShopperFeature } from "./shopper-features.ts"
import { openVisitTotals, VISIT_FEATURES, type VisitFeature } from "./visit-features.ts"
import { visitBuys, visitNumbers } from "./visits.ts"

/** Columns of a row that are model inputs, in order. */
export const VISIT_ROW_FEATURES = [...SHOPPER_FEATURES, ...VISIT_FEATURES] as const

/** Parts of the time split: a whole visit belongs to one of them, or to none where a cut falls inside it. */
export const VISIT_ROLES = { none: -1, train: 0, validation: 1, test: 2 } as const

export type VisitRow = {
  features: Record<ShopperFeature | VisitFeature, number>
  /** When the question is asked: the last event so far has just become known. */
  atMs: number
  visit: number
  /** Events of the visit so far. */
  prefix: number
  role: number
  /** 1 if a purchase follows in this visit, 0 if none does, −1 while that is not known. */
  buys: number
}

export type VisitCuts = { validationMs: number; testMs: number; logEndMs: number }

/**
 * One row after each event of each visit, from what was known by then. Events that became known at one time (a basket,
 * a log by the day) have no order among them: one row after the last of them. No row after a refund, which is in no
 * visit.
 */
export function* visitRows(events: readonly FeatureEvent[], cuts: VisitCuts): Generator<VisitRow> {
  const ordered = inReadingOrder(events)
  const visits = visitNumbers(ordered)
  const buys = visitBuys(ordered, cuts.logEndMs)
  const roles = visitRoles(ordered, visits, cuts)
  const [shopper, visit] = [openShopperTotals(), openVisitTotals()]
  let prefix = 0
  for (const [index, event] of ordered.entries()) {
    prefix = startsSession(event, ordered[index - 1]) ? 1 : prefix + 1
    shopper.add(event)
    visit.add(event)
    if (event.type === "refund" || ordered[index + 1]?.receivedMs === event.receivedMs) continue
    const atMs = event.receivedMs
    const number = visits[index] ?? 0
    yield {
      features: { ...shopper.asOf(atMs), ...visit.asOf(atMs) },
      atMs,
      visit: number,
      prefix,
      role: roles[number] ?? VISIT_ROLES.none,
      buys: buys[index] ?? -1,
    }
  }
}

function visitRoles(ordered: readonly FeatureEvent[], visits: Int32Array, cuts: VisitCuts): number[] {
  const roles: number[] = []
  for (const [index, event] of ordered.entries()) {
    const number = visits[index] ?? 0
    const role =
      event.receivedMs < cuts.validationMs
        ? VISIT_ROLES.train
        : event.receivedMs < cuts.testMs
          ? VISIT_ROLES.validation
          : VISIT_ROLES.test
    roles[number] = roles[number] === undefined || roles[number] === role ? role : VISIT_ROLES.none
  }
  return roles
}
