import { stageOf } from "../journey/stages.ts"
import { type FeatureEvent, inReadingOrder, startsSession } from "./history-inputs.ts"

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

/**
 * Recency, frequency, monetary value and activity of one shopper as of a moment, from the events received by
 * then. `days_since_last_purchase` is −1 before the first purchase.
 */
export function shopperFeatures(
  events: readonly FeatureEvent[],
  asOfMs: number,
): Record<ShopperFeature, number> {
  const ordered = inReadingOrder(events.filter((event) => event.receivedMs <= asOfMs && event.atMs <= asOfMs))
  const stageCounts = { sign_in: 0, browse: 0, cart: 0, checkout: 0, purchase: 0 }
  const daysActive = new Set<number>()
  const daysBought = new Set<number>()
  const products = new Set<number>()
  let [firstMs, lastMs, lastPurchaseMs] = [asOfMs, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [purchaseCents, sessions, refunds, last7, last30] = [0, 0, 0, 0, 0]
  for (const [index, event] of ordered.entries()) {
    if (startsSession(event, ordered[index - 1])) sessions += 1
    firstMs = Math.min(firstMs, event.atMs)
    lastMs = Math.max(lastMs, event.atMs)
    daysActive.add(Math.floor(event.atMs / DAY_MS))
    if (event.productId !== null) products.add(event.productId)
    if (asOfMs - event.atMs <= 7 * DAY_MS) last7 += 1
    if (asOfMs - event.atMs <= 30 * DAY_MS) last30 += 1
    const stage = stageOf(event.type)
    if (stage === null) refunds += 1
    else stageCounts[stage] += 1
    if (stage !== "purchase") continue
    lastPurchaseMs = Math.max(lastPurchaseMs, event.atMs)
    daysBought.add(Math.floor(event.atMs / DAY_MS))
    purchaseCents += (event.priceCents ?? 0) * (event.quantity ?? 1)
  }
  const daysSince = (ms: number) => (Number.isFinite(ms) ? (asOfMs - ms) / DAY_MS : -1)
  return {
    days_since_first_event: ordered.length === 0 ? -1 : daysSince(firstMs),
    days_since_last_event: daysSince(lastMs),
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
    events_last_7_days: last7,
    events_last_30_days: last30,
  }
}
