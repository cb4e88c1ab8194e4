import { type Stage, stageOf } from "../journey/stages.ts"
import { type FeatureEvent, inReadingOrder, startsSession } from "./history-inputs.ts"
import { insertInOrder, placeOf } from "./sorted-times.ts"

/** Names of a shopper's features, in the order of the values. Days are of 24 hours; money is in cents. */
export const SHOPPER_FEATURES = [
  "days_since_first_event",
  "days_since_last_event",
  "days_since_last_purchase",
  "purchase_lines",
  "purchase_cents",
  "purchase_cents_per_day_bought",
  "days_bought",
  "sessions",
  "days_active",
  "distinct_products",
  "events_sign_in",
  "events_browse",
  "events_cart",
  "events_checkout",
  "refunds",
  "events_last_7_days",
  "events_last_30_days",
] as const

export type ShopperFeature = (typeof SHOPPER_FEATURES)[number]

const DAY_MS = 86_400_000

export type ShopperTotals = {
  /** Events must come in the reading order (`inReadingOrder`). */
  add(event: FeatureEvent): void
  /** The features as of a moment that no event added so far lies after. */
  asOf(asOfMs: number): Record<ShopperFeature, number>
}

/** Features of one shopper while events come in: each moment costs the same, however long the history. */
export function openShopperTotals(): ShopperTotals {
  const stageCounts: Record<Stage, number> = { sign_in: 0, browse: 0, cart: 0, checkout: 0, purchase: 0 }
  const daysActive = new Set<number>()
  const daysBought = new Set<number>()
  const products = new Set<number>()
  const times: number[] = []
  let previous: FeatureEvent | undefined
  let [purchaseCents, sessions, refunds] = [0, 0, 0]
  let lastPurchaseMs = Number.NEGATIVE_INFINITY
  return {
    add(event) {
      if (startsSession(event, previous)) sessions += 1
      previous = event
      insertInOrder(times, event.atMs)
      daysActive.add(Math.floor(event.atMs / DAY_MS))
      if (event.productId !== null) products.add(event.productId)
      const stage = stageOf(event.type)
      if (stage === null) refunds += 1
      else stageCounts[stage] += 1
      if (stage !== "purchase") return
      lastPurchaseMs = Math.max(lastPurchaseMs, event.atMs)
      daysBought.add(Math.floor(event.atMs / DAY_MS))
      purchaseCents += (event.priceCents ?? 0) * (event.quantity ?? 1)
    },
    asOf(asOfMs) {
      const daysSince = (ms: number | undefined) =>
        ms !== undefined && Number.isFinite(ms) ? (asOfMs - ms) / DAY_MS : -1
      const inLast = (days: number) => times.length - placeOf(times, asOfMs - days * DAY_MS)
      return {
        days_since_first_event: daysSince(times[0]),
        days_since_last_event: daysSince(times.at(-1)),
        days_since_last_purchase: daysSince(lastPurchaseMs),
        purchase_lines: stageCounts.purchase,
        purchase_cents: purchaseCents,
        purchase_cents_per_day_bought: daysBought.size === 0 ? 0 : purchaseCents / daysBought.size,
        days_bought: daysBought.size,
        sessions,
        days_active: daysActive.size,
        distinct_products: products.size,
        events_sign_in: stageCounts.sign_in,
        events_browse: stageCounts.browse,
        events_cart: stageCounts.cart,
        events_checkout: stageCounts.checkout,
        refunds,
        events_last_7_days: inLast(7),
        events_last_30_days: inLast(30),
      }
    },
  }
}

/**
 * Recency, frequency, monetary value and activity of one shopper as of a moment, from the events received by
 * then. `days_since_last_purchase` is −1 before the first purchase.
 */
export function shopperFeatures(
  events: readonly FeatureEvent[],
  asOfMs: number,
): Record<ShopperFeature, number> {
  const totals = openShopperTotals()
  for (const event of inReadingOrder(events.filter((one) => one.receivedMs <= asOfMs && one.atMs <= asOfMs)))
    totals.add(event)
  return totals.asOf(asOfMs)
}
