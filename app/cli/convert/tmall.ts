/**
 * Tmall's log of the Alibaba contest of 2014: who did what with which brand on which day of 2013.
 *
 * A brand is an item. The log has days and no times, so every event of a day is at noon UTC of it: equal times say
 * truthfully that nothing is known of their order, where made-up gaps would look like a pace. Identical rows are
 * real repeats and all of them stay. Buys name no order: those of one shopper and day count as one.
 */
import type { EventType, PlainEvent, PlainItem } from "../../capture/event.ts"
import { readCsv } from "../../capture/read-csv.server.ts"
import { type RowFields, textOf } from "../../capture/row-fields.ts"
import { type Converter, convertRows } from "./conversion.ts"

const COLUMNS = ["user_id", "brand_id", "type", "visit_datetime"] as const
type Column = (typeof COLUMNS)[number]

const YEAR = 2013
const NOON_HOURS = 12

const TYPES: Readonly<Record<string, EventType>> = {
  "0": "product_view",
  "1": "purchase",
  "2": "favourite",
  "3": "cart_add",
}

const REASONS = {
  unknown_type: "expected 0 (click), 1 (buy), 2 (favourite) or 3 (cart)",
  bad_time: "expected a day of 2013 as 6-4 or 6月4日",
  bad_row: "no user or no brand",
  broken_utf8: "not UTF-8; copies of this log in GBK are made readable by: iconv -f GBK -t UTF-8",
} as const

export const tmall: Converter = {
  about: "clicks, favourites, cart adds and buys of brands of the Alibaba contest of 2014 (CSV)",
  input: `a CSV file with the columns ${COLUMNS.join(", ")}`,
  reasons: REASONS,
  open(path, _options, tally) {
    const brands = new Set<string>()
    return {
      batches: convertRows(readCsv<Column>(path, COLUMNS, COLUMNS), tally, (row) => {
        const event = eventOfVisit(row)
        if (typeof event === "string") return event
        brands.add(event.item)
        return [event]
      }),
      *items(): Generator<PlainItem> {
        for (const brand of brands) yield { item: brand, title: `Brand ${brand}`, brand }
      },
      notes: () => ["The log has days and no times: every event is at noon UTC of its day."],
    }
  },
}

export function eventOfVisit(row: RowFields<Column>): (PlainEvent & { item: string }) | keyof typeof REASONS {
  const shopper = textOf(row.user_id)
  const item = textOf(row.brand_id)
  if (!shopper || !item) return "bad_row"
  const type = TYPES[textOf(row.type) ?? ""]
  if (type === undefined) return "unknown_type"
  const atMs = noonMs(textOf(row.visit_datetime) ?? "")
  return Number.isNaN(atMs) ? "bad_time" : { shopper, type, atMs, item }
}

function noonMs(day: string): number {
  const found = /^(\d{1,2})(?:-(\d{1,2})|月(\d{1,2})日)$/.exec(day)
  if (!found) return Number.NaN
  const month = Number(found[1])
  const date = Number(found[2] ?? found[3])
  const at = new Date(Date.UTC(YEAR, month - 1, date, NOON_HOURS))
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === date ? at.getTime() : Number.NaN
}
