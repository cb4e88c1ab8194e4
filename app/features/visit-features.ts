/**
 * What a visit has shown so far: the features beside the shopper's own (shopper-features.ts) for the question whether
 * it ends in a purchase. Fed with one event after the other, each costs the same however long the history.
 */
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { STAGE_CODES, stageCodeOf, stageOf } from "../journey/stages.ts"
import { type FeatureEvent, sourceBucket, startsSession } from "./history-inputs.ts"

/** In the order of the values. Codes are those of the contract; money is in cents, −1 = not known or none yet. */
export const VISIT_FEATURES = [
  "visit_events",
  "visit_seconds",
  "seconds_since_event_before",
  "days_since_visit_before",
  "visit_products",
  "visit_product_views",
  "visit_searches",
  "visit_collection_views",
  "visit_cart_adds",
  "visit_cart_removes",
  "visit_cart_views",
  "visit_favourites",
  "visit_checkout_events",
  "visit_purchase_lines",
  "visit_sign_ins",
  "last_type",
  "last_stage",
  "furthest_stage",
  "cart_lines",
  "cart_units",
  "cart_cents",
  "last_price_cents",
  "highest_price_cents",
  "mean_price_cents",
  "views_of_last_product_in_visit",
  "views_of_last_product_before",
  "source",
  "hour",
  "weekday",
] as const

export type VisitFeature = (typeof VISIT_FEATURES)[number]

/** Those that name a class and have no order. */
export const VISIT_CATEGORIES = ["last_type", "source", "weekday"] as const satisfies VisitFeature[]

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

type Visit = {
  startMs: number
  events: number
  source: string | null
  stages: Record<number, number>
  types: Record<number, number>
  furthestStage: number
  views: Map<number, number>
  prices: { count: number; sum: number; highest: number }
}

export type VisitTotals = {
  /** Events must come in the reading order. */
  add(event: FeatureEvent): void
  /** The features after the last event added, as of a moment not before it. */
  asOf(asOfMs: number): Record<VisitFeature, number>
}

export function openVisitTotals(): VisitTotals {
  const cart = new Map<number, { units: number; cents: number }>()
  const viewsBefore = new Map<number, number>()
  let visit: Visit | undefined
  let [last, secondsBetween, daysBetween] = [undefined as FeatureEvent | undefined, -1, -1]
  let lastProduct: FeatureEvent | undefined

  const begin = (event: FeatureEvent): Visit => {
    for (const [product, views] of visit?.views ?? [])
      viewsBefore.set(product, (viewsBefore.get(product) ?? 0) + views)
    daysBetween = last === undefined ? -1 : Math.max(0, event.atMs - last.atMs) / DAY_MS
    lastProduct = undefined
    return {
      startMs: event.atMs,
      events: 0,
      source: null,
      stages: {},
      types: {},
      furthestStage: 0,
      views: new Map(),
      prices: { count: 0, sum: 0, highest: -1 },
    }
  }

  return {
    add(event) {
      const starts = startsSession(event, last)
      if (visit === undefined || starts) visit = begin(event)
      secondsBetween = starts || last === undefined ? -1 : Math.max(0, event.atMs - last.atMs) / 1000
      last = event
      const [type, stage] = [EVENT_TYPE_CODES[event.type], stageCode(event)]
      visit.events += 1
      visit.source ??= event.source
      visit.types[type] = (visit.types[type] ?? 0) + 1
      visit.stages[stage] = (visit.stages[stage] ?? 0) + 1
      visit.furthestStage = Math.max(visit.furthestStage, stage)
      keepCart(cart, event)
      if (event.productId === null) return
      lastProduct = event
      if (event.type !== "product_view") return
      visit.views.set(event.productId, (visit.views.get(event.productId) ?? 0) + 1)
      if (event.priceCents === null) return
      visit.prices.count += 1
      visit.prices.sum += event.priceCents
      visit.prices.highest = Math.max(visit.prices.highest, event.priceCents)
    },
    asOf(asOfMs) {
      const types = visit?.types ?? {}
      const stages = visit?.stages ?? {}
      const typed = (type: keyof typeof EVENT_TYPE_CODES) => types[EVENT_TYPE_CODES[type]] ?? 0
      const product = lastProduct?.productId ?? -1
      let [cartUnits, cartCents] = [0, 0]
      for (const line of cart.values()) {
        cartUnits += line.units
        cartCents += line.units * line.cents
      }
      const prices = visit?.prices
      return {
        visit_events: visit?.events ?? 0,
        visit_seconds: visit === undefined ? 0 : Math.max(0, asOfMs - visit.startMs) / 1000,
        seconds_since_event_before: secondsBetween,
        days_since_visit_before: daysBetween,
        visit_products: visit?.views.size ?? 0,
        visit_product_views: typed("product_view"),
        visit_searches: typed("search"),
        visit_collection_views: typed("collection_view"),
        visit_cart_adds: typed("cart_add"),
        visit_cart_removes: typed("cart_remove"),
        visit_cart_views: typed("cart_view"),
        visit_favourites: typed("favourite"),
        visit_checkout_events: stages[STAGE_CODES.checkout] ?? 0,
        visit_purchase_lines: typed("purchase"),
        visit_sign_ins: stages[STAGE_CODES.sign_in] ?? 0,
        last_type: last === undefined ? 0 : EVENT_TYPE_CODES[last.type],
        last_stage: last === undefined ? 0 : stageCode(last),
        furthest_stage: visit?.furthestStage ?? 0,
        cart_lines: cart.size,
        cart_units: cartUnits,
        cart_cents: cartCents,
        last_price_cents: lastProduct?.priceCents ?? -1,
        highest_price_cents: prices?.highest ?? -1,
        mean_price_cents: prices !== undefined && prices.count > 0 ? prices.sum / prices.count : -1,
        views_of_last_product_in_visit: visit?.views.get(product) ?? 0,
        views_of_last_product_before: viewsBefore.get(product) ?? 0,
        source: sourceBucket(visit?.source ?? null),
        hour: Math.floor((asOfMs % DAY_MS) / HOUR_MS),
        // 1 January 1970 was a Thursday; 0 = Monday.
        weekday: (Math.floor(asOfMs / DAY_MS) + 3) % 7,
      }
    },
  }
}

function stageCode(event: FeatureEvent): number {
  return stageOf(event.type) === null ? 0 : stageCodeOf(EVENT_TYPE_CODES[event.type])
}

/** What lies in the cart, from visit to visit: put in, taken out, bought. */
function keepCart(cart: Map<number, { units: number; cents: number }>, event: FeatureEvent): void {
  if (event.productId === null) return
  if (event.type === "cart_add")
    cart.set(event.productId, { units: event.quantity ?? 1, cents: event.priceCents ?? 0 })
  else if (event.type === "cart_remove" || event.type === "purchase") cart.delete(event.productId)
}
