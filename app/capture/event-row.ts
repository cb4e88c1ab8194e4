import { EVENT_TYPES, type EventType, type PlainEvent } from "./event.ts"
import {
  centsOf,
  currencyOf,
  isGiven,
  quantityOf,
  type RowFields,
  type RowReason,
  textOf,
  textProblem,
} from "./row-fields.ts"
import { parseTimestamp } from "./timestamp.ts"

export const EVENT_COLUMNS = [
  "shopper",
  "type",
  "at",
  "item",
  "price",
  "currency",
  "quantity",
  "session",
  "order",
  "query",
  "source",
  "id",
] as const
export type EventColumn = (typeof EVENT_COLUMNS)[number]
export const REQUIRED_EVENT_COLUMNS: readonly EventColumn[] = ["shopper", "type", "at"]

/** Events lie in monthly partitions, the first of which is this one: nobody sold online before. */
export const FIRST_EVENT_MS = Date.UTC(1995, 0, 1)

/** A source's clock may be this far ahead of ours. Past it, a time is a mistake (seconds for milliseconds, a typo). */
export const CLOCK_SKEW_MS = 5 * 60_000

/** An index entry of PostgreSQL holds at most 2,700 bytes; real names are far shorter. */
const MAX_NAME = 255
const MAX_SHOPPER = 512
const MAX_QUERY = 1_000

const types: ReadonlySet<unknown> = new Set(EVENT_TYPES)

function isEventType(value: unknown): value is EventType {
  return types.has(value)
}

/** One row of an events file, checked; or the reason to set it aside. */
export function parseEventRow(row: RowFields<EventColumn>, nowMs: number): PlainEvent | RowReason {
  const problem =
    textProblem(row.shopper, MAX_SHOPPER) ??
    textProblem(row.item, MAX_NAME) ??
    textProblem(row.session, MAX_NAME) ??
    textProblem(row.order, MAX_NAME) ??
    textProblem(row.query, MAX_QUERY) ??
    textProblem(row.source, MAX_NAME) ??
    textProblem(row.id, MAX_NAME)
  if (problem !== null) return problem
  const shopper = textOf(row.shopper)
  if (shopper === undefined) return "no_shopper"
  if (!isEventType(row.type)) return "unknown_type"

  if (!isGiven(row.at)) return "no_time"
  const atMs = parseTimestamp(row.at)
  if (Number.isNaN(atMs)) return "bad_time"
  if (atMs > nowMs + CLOCK_SKEW_MS) return "future_time"
  if (atMs < FIRST_EVENT_MS) return "time_too_early"

  const priceCents = centsOf(row.price)
  if (typeof priceCents === "string") return priceCents
  const currency = currencyOf(row.currency)
  if (currency === null) return "bad_currency"
  const quantity = quantityOf(row.quantity)
  if (typeof quantity === "string") return quantity

  return {
    shopper,
    type: row.type,
    atMs,
    item: textOf(row.item),
    priceCents,
    currency,
    quantity,
    session: textOf(row.session),
    order: textOf(row.order),
    query: textOf(row.query),
    source: textOf(row.source),
    id: textOf(row.id),
  }
}
