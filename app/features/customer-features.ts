/**
 * What is known of a customer as of a moment, and what they do in the horizon after it. A customer is whoever has
 * bought by then. Purchases are those of purchase-summary.ts, events and visits those of shopper-features.ts.
 */
import { stageOf } from "../journey/stages.ts"
import { type FeatureEvent, inReadingOrder, startsSession } from "./history-inputs.ts"
import { type Purchase, type PurchaseEvent, purchaseSummary, purchasesOf } from "./purchase-summary.ts"
import { SHOPPER_FEATURES, shopperFeatures } from "./shopper-features.ts"

export type CustomerEvent = FeatureEvent & PurchaseEvent

const DAY_MS = 86_400_000

/** Of the purchases. Days are of 24 hours, money is in cents and net of refunds; a share is of 1. */
const RHYTHM_FEATURES = [
  "frequency",
  "recency_days",
  "age_days",
  "rhythm_lifecycle",
  // Silence since the last purchase, against the time known and against the customer's own rhythm.
  "silence_days",
  "silence_share",
  "silence_in_gaps",
  // Times between purchases; the time known stands in for them before the second purchase.
  "gap_mean_days",
  "gap_sd_days",
  "gap_last_days",
  "purchases_a_day",
  "purchases_last_30_days",
  "purchases_last_90_days",
  // Of the repeats, those in the second half of the time known.
  "late_repeats_share",
] as const

const MONEY_FEATURES = [
  "valued_repeats",
  "mean_repeat_cents",
  "valued_purchases",
  "mean_valued_cents",
  "total_cents",
  "first_cents",
  "last_cents",
  "max_cents",
  "sd_cents",
  "log_total_cents",
  "log_mean_cents",
  "log_last_cents",
  "log_max_cents",
  "units",
  "units_first",
  "units_last",
  "units_a_purchase",
  "cents_a_unit",
] as const

/** Of events of every type, in the days just before. */
const RECENT_FEATURES = [
  "events_last_90_days",
  "browse_last_7_days",
  "browse_last_30_days",
  "browse_last_90_days",
  "cart_last_7_days",
  "cart_last_30_days",
  "cart_last_90_days",
  "checkout_last_30_days",
  "visits_last_30_days",
  "visits_last_90_days",
  "visits_after_purchase",
  "cart_after_purchase",
] as const

/** Columns of customers.arrow that models may see, in order. */
export const CUSTOMER_FEATURES = [
  ...RHYTHM_FEATURES,
  ...MONEY_FEATURES,
  ...RECENT_FEATURES,
  ...SHOPPER_FEATURES,
] as const

type Values<Name extends string> = Record<Name, number>
export type CustomerFeatures = Values<(typeof CUSTOMER_FEATURES)[number]>

export type CustomerOutcome = {
  /** Purchases after the moment, to the end of the horizon. */
  orders_next: number
  /** What was paid for them, net of refunds by then; never below 0. */
  spend_next_cents: number
}

/** @returns null before the first purchase */
export function customerFeatures(events: readonly CustomerEvent[], asOfMs: number): CustomerFeatures | null {
  const known = events.filter((event) => event.atMs <= asOfMs && event.receivedMs <= asOfMs)
  const summary = purchaseSummary(known, asOfMs, asOfMs)
  if (summary === null) return null
  const purchases = purchasesOf(known)
  return {
    ...rhythmFeatures(purchases, asOfMs),
    frequency: summary.frequency,
    recency_days: summary.recency_days,
    age_days: summary.age_days,
    rhythm_lifecycle: summary.rhythm_lifecycle,
    ...moneyFeatures(purchases),
    valued_repeats: summary.valued_repeats,
    mean_repeat_cents: summary.mean_repeat_cents,
    ...recentFeatures(known, purchases.at(-1)?.atMs ?? asOfMs, asOfMs),
    ...shopperFeatures(known, asOfMs),
  }
}

/** Of the whole log to the horizon's end, whenever it was received: this is the answer, not the question. */
export function customerOutcome(
  events: readonly PurchaseEvent[],
  asOfMs: number,
  untilMs: number,
): CustomerOutcome {
  const next = purchasesOf(events.filter((event) => event.atMs <= untilMs)).filter(
    (purchase) => purchase.atMs > asOfMs,
  )
  return { orders_next: next.length, spend_next_cents: Math.max(0, sum(next.map(({ cents }) => cents))) }
}

function rhythmFeatures(purchases: readonly Purchase[], asOfMs: number) {
  const times = purchases.map((purchase) => purchase.atMs)
  const [firstMs = asOfMs, lastMs = asOfMs] = [times[0], times.at(-1)]
  const ageDays = (asOfMs - firstMs) / DAY_MS
  const silenceDays = (asOfMs - lastMs) / DAY_MS
  const gaps = times.slice(1).map((ms, index) => (ms - (times[index] ?? ms)) / DAY_MS)
  const gapMean = gaps.length === 0 ? ageDays : mean(gaps)
  const within = (days: number) => times.filter((ms) => asOfMs - ms <= days * DAY_MS).length
  const middleMs = (firstMs + asOfMs) / 2
  return {
    silence_days: silenceDays,
    silence_share: share(silenceDays, ageDays),
    silence_in_gaps: share(silenceDays, gapMean),
    gap_mean_days: gapMean,
    gap_sd_days: deviation(gaps),
    gap_last_days: gaps.at(-1) ?? ageDays,
    // A day more than known, so that whoever bought just now has no endless rate.
    purchases_a_day: times.length / (ageDays + 1),
    purchases_last_30_days: within(30),
    purchases_last_90_days: within(90),
    late_repeats_share: share(times.slice(1).filter((ms) => ms > middleMs).length, gaps.length),
  }
}

function moneyFeatures(purchases: readonly Purchase[]) {
  const cents = purchases.map((purchase) => purchase.cents)
  const valued = cents.filter((value) => value > 0)
  const [total, most, units] = [sum(cents), Math.max(...cents), sum(purchases.map((one) => one.units))]
  const [first, last] = [purchases[0], purchases.at(-1)]
  const log = (value: number) => Math.log1p(Math.max(0, value))
  return {
    valued_purchases: valued.length,
    mean_valued_cents: valued.length === 0 ? 0 : mean(valued),
    total_cents: total,
    first_cents: first?.cents ?? 0,
    last_cents: last?.cents ?? 0,
    max_cents: most,
    sd_cents: deviation(cents),
    log_total_cents: log(total),
    log_mean_cents: log(total / cents.length),
    log_last_cents: log(last?.cents ?? 0),
    log_max_cents: log(most),
    units,
    units_first: first?.units ?? 0,
    units_last: last?.units ?? 0,
    units_a_purchase: units / purchases.length,
    cents_a_unit: share(total, units),
  }
}

function recentFeatures(
  events: readonly FeatureEvent[],
  lastPurchaseMs: number,
  asOfMs: number,
): Values<(typeof RECENT_FEATURES)[number]> {
  const features = Object.fromEntries(RECENT_FEATURES.map((name) => [name, 0])) as CustomerFeatures
  const ordered = inReadingOrder(events)
  for (const [index, event] of ordered.entries()) {
    const days = (asOfMs - event.atMs) / DAY_MS
    const after = event.atMs > lastPurchaseMs
    if (days <= 90) features.events_last_90_days += 1
    if (startsSession(event, ordered[index - 1])) {
      if (days <= 30) features.visits_last_30_days += 1
      if (days <= 90) features.visits_last_90_days += 1
      if (after) features.visits_after_purchase += 1
    }
    switch (stageOf(event.type)) {
      case "browse":
        if (days <= 7) features.browse_last_7_days += 1
        if (days <= 30) features.browse_last_30_days += 1
        if (days <= 90) features.browse_last_90_days += 1
        break
      case "cart":
        if (days <= 7) features.cart_last_7_days += 1
        if (days <= 30) features.cart_last_30_days += 1
        if (days <= 90) features.cart_last_90_days += 1
        if (after) features.cart_after_purchase += 1
        break
      case "checkout":
        if (days <= 30) features.checkout_last_30_days += 1
        break
      default:
        break
    }
  }
  return features
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

/** 0 for fewer than two. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
