/**
 * How often, how lately and for how much a person has bought, as of a moment: what BG/NBD and Gamma-Gamma are fitted
 * on (`ml`), from the events received by then.
 *
 * An order is the purchase lines that share an order, or without one a time. Orders that follow each other within
 * the length of a visit's pause are one purchase, as the journey counts one purchase a visit. A refund lessens the
 * value of its order (of the last one before it where it names none) and never takes the purchase away: the person
 * was there and bought, and the journey counts it too.
 */
import { LIFECYCLES, type Lifecycle, lifecycleOf } from "../journey/lifecycle.ts"
import { SESSION_GAP_MS } from "../journey/sessions.ts"
import type { FeatureEvent } from "./history-inputs.ts"

export type PurchaseEvent = Pick<FeatureEvent, "type" | "atMs" | "receivedMs" | "priceCents" | "quantity"> & {
  orderRef: string | null
}

/** Columns of purchases.arrow after its row, cut and moment, in order. Days are of 24 hours, money is in cents. */
export const PURCHASE_COLUMNS = [
  "frequency",
  "recency_days",
  "age_days",
  "valued_repeats",
  "mean_repeat_cents",
  "rhythm_lifecycle",
  "bought_next",
] as const

export type PurchaseSummary = {
  /** Purchases after the first. */
  frequency: number
  /** From the first purchase to the last. */
  recency_days: number
  /** From the first purchase to the moment. */
  age_days: number
  /** Repeat purchases with a value above 0, net of refunds. */
  valued_repeats: number
  /** Their mean; 0 without any. */
  mean_repeat_cents: number
  /** Place in LIFECYCLES of the lifecycle by the plain rhythm alone: what stands without a fit. */
  rhythm_lifecycle: number
  /** 1 if a purchase follows within OUTCOME_DAYS, 0 if none does, −1 while that is not known. */
  bought_next: number
}

/** What a fit is judged on: who buys again within so many days. The usual month of a shop's report. */
export const OUTCOME_DAYS = 30

const DAY_MS = 86_400_000

/**
 * The moments of the summaries: 0 fits the plain rhythm's shares, 1 fits BG/NBD and asks both who buys next, 2 is
 * the end of the log, which the shop's parameters are fitted on.
 */
export function purchaseCuts(logEndMs: number): [number, number, number] {
  return [logEndMs - 2 * OUTCOME_DAYS * DAY_MS, logEndMs - OUTCOME_DAYS * DAY_MS, logEndMs]
}

/** `units`: pieces of all its lines, as bought; `cents`: net of refunds. */
export type Purchase = { atMs: number; cents: number; units: number }

/** @returns null before the first purchase */
export function purchaseSummary(
  events: readonly PurchaseEvent[],
  asOfMs: number,
  logEndMs: number,
): PurchaseSummary | null {
  const purchases = purchasesOf(events.filter((one) => one.atMs <= asOfMs && one.receivedMs <= asOfMs))
  const [first, ...repeats] = purchases
  if (first === undefined) return null
  const last = repeats.at(-1) ?? first
  const valued = repeats.filter((purchase) => purchase.cents > 0)
  const times = purchases.map((purchase) => purchase.atMs)
  const lifecycle: Lifecycle = lifecycleOf(times, asOfMs, null) ?? "new"
  return {
    frequency: repeats.length,
    recency_days: (last.atMs - first.atMs) / DAY_MS,
    age_days: (asOfMs - first.atMs) / DAY_MS,
    valued_repeats: valued.length,
    mean_repeat_cents:
      valued.length === 0 ? 0 : valued.reduce((sum, { cents }) => sum + cents, 0) / valued.length,
    rhythm_lifecycle: LIFECYCLES.indexOf(lifecycle),
    bought_next: boughtNext(events, asOfMs, logEndMs),
  }
}

/** Purchases in order of time, each at its first order's time, with its value net of refunds. */
export function purchasesOf(events: readonly PurchaseEvent[]): Purchase[] {
  const orders = new Map<string, Purchase>()
  for (const event of events) {
    if (event.type !== "purchase") continue
    const key = event.orderRef === null ? `at ${event.atMs}` : `order ${event.orderRef}`
    const order = orders.get(key)
    const units = event.quantity ?? 1
    if (order === undefined) orders.set(key, { atMs: event.atMs, cents: amountCents(event), units })
    else {
      order.atMs = Math.min(order.atMs, event.atMs)
      order.cents += amountCents(event)
      order.units += units
    }
  }
  const inOrder = [...orders.values()].sort((a, b) => a.atMs - b.atMs)
  for (const event of events) {
    if (event.type !== "refund") continue
    const order =
      event.orderRef === null
        ? inOrder.findLast((one) => one.atMs <= event.atMs)
        : orders.get(`order ${event.orderRef}`)
    if (order !== undefined) order.cents -= amountCents(event)
  }
  return asVisits(inOrder)
}

function asVisits(orders: readonly Purchase[]): Purchase[] {
  const purchases: Purchase[] = []
  let previousMs = Number.NEGATIVE_INFINITY
  for (const order of orders) {
    const purchase = purchases.at(-1)
    if (purchase !== undefined && order.atMs - previousMs <= SESSION_GAP_MS) {
      purchase.cents += order.cents
      purchase.units += order.units
    } else purchases.push({ ...order })
    previousMs = order.atMs
  }
  return purchases
}

function amountCents(event: PurchaseEvent): number {
  return (event.priceCents ?? 0) * (event.quantity ?? 1)
}

/** Of the whole log, whenever it was received: this is the answer, not the question. */
function boughtNext(events: readonly PurchaseEvent[], asOfMs: number, logEndMs: number): number {
  const untilMs = asOfMs + OUTCOME_DAYS * DAY_MS
  if (untilMs > logEndMs) return -1
  const isNext = (event: PurchaseEvent) =>
    event.type === "purchase" && event.atMs > asOfMs && event.atMs <= untilMs
  return events.some(isNext) ? 1 : 0
}
