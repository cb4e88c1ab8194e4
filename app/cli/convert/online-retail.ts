/**
 * "Online Retail" of the UCI Machine Learning Repository (D. Chen, 2015; CC BY 4.0): the invoice lines of a British
 * gift shop, as Parquet.
 *
 * A line of an invoice is a `purchase`, one of a cancellation (InvoiceNo C…) a `refund`; either's order is its invoice.
 * A line without CustomerID is someone unknown: each such invoice is a shopper of its own. Times have no zone and are
 * taken as UTC. StockCodes differ in case between till and web shop for one product, so they are taken in upper case.
 * An item's title is its most frequent description, its price the median of its lines.
 *
 * Left out, each counted: postage, fees, vouchers, discounts and corrections by hand; lines that take
 * back goods without a cancellation (write-offs of stock); lines without a price (gifts, goods found in stock); damaged
 * rows. That the file's last row breaks off within its country costs nothing: the country is not used.
 */
import type { PlainEvent, PlainItem } from "../../capture/event.ts"
import { centsOf, isGiven, type RowFields, textOf } from "../../capture/row-fields.ts"
import { type Converter, convertRows } from "./conversion.ts"

const COLUMNS = [
  "InvoiceNo",
  "StockCode",
  "Description",
  "Quantity",
  "InvoiceDate",
  "UnitPrice",
  "CustomerID",
] as const
type Column = (typeof COLUMNS)[number]

const REASONS = {
  not_a_product: "postage, fees, vouchers, discounts, corrections by hand",
  no_price: "price 0: gifts, goods found in stock",
  stock_adjustment: "a quantity below 1 without a cancellation",
  negative_price: "bad debt and the like",
  bad_time: "no date as month/day/year hour:minute",
  broken_utf8: "a description whose letters were lost",
  bad_row: "no invoice, stock code, quantity or price",
} as const
type Reason = keyof typeof REASONS

/** All StockCodes of the file that stand for no product. */
const NOT_A_PRODUCT = /^(POST|DOT|C2|D|M|S|B|CRUK|BANK CHARGES|AMAZONFEE|ADJUST2?|TEST\d+|GIFT_\d+_\d+)$/

const CURRENCY = "GBP"

export const onlineRetail: Converter = {
  about: "invoice lines of the UCI Online Retail data (Parquet)",
  input: `a Parquet file with the columns ${COLUMNS.join(", ")}`,
  reasons: REASONS,
  async open(path, _options, tally) {
    // Loaded for this kind alone: the decoders take 15 MB.
    const { readParquet } = await import("../../capture/read-parquet.server.ts")
    const catalogue = retailCatalogue()
    return {
      batches: convertRows(readParquet<Column>(path, COLUMNS, COLUMNS), tally, (line) => {
        const event = eventOfInvoiceLine(line)
        if (typeof event === "string") return event
        catalogue.add(event, textOf(line.Description)?.trim())
        return [event]
      }),
      items: catalogue.items,
      notes: () => ["Invoices without a CustomerID are shoppers of their own (invoice-…)."],
    }
  },
}

export function eventOfInvoiceLine(line: RowFields<Column>): PlainEvent | Reason {
  const invoice = textOf(line.InvoiceNo)?.trim()
  const item = textOf(line.StockCode)?.trim().toUpperCase()
  const price = Number(line.UnitPrice)
  const quantity = Number(line.Quantity)
  if (!invoice || !item || !isGiven(line.UnitPrice) || !Number.isInteger(quantity) || quantity === 0)
    return "bad_row"
  if (NOT_A_PRODUCT.test(item)) return "not_a_product"
  const cancelled = invoice.startsWith("C")
  if (!cancelled && quantity < 0) return "stock_adjustment"
  if (price === 0) return "no_price"
  const priceCents = centsOf(line.UnitPrice)
  if (priceCents === "negative_price") return "negative_price"
  if (typeof priceCents !== "number") return "bad_row"
  const atMs = invoiceMs(line.InvoiceDate)
  if (Number.isNaN(atMs)) return "bad_time"
  return {
    shopper: isGiven(line.CustomerID) ? String(line.CustomerID) : `invoice-${invoice}`,
    type: cancelled ? "refund" : "purchase",
    atMs,
    item,
    priceCents,
    currency: CURRENCY,
    quantity: Math.abs(quantity),
    order: invoice,
  }
}

/** `12/1/10 8:26` is 1 December 2010; some copies of the data hold real timestamps. */
function invoiceMs(value: unknown): number {
  if (value instanceof Date) return value.getTime()
  const found =
    typeof value === "string" ? /^(\d{1,2})\/(\d{1,2})\/(\d{2}|\d{4}) (\d{1,2}):(\d{2})$/.exec(value) : null
  if (!found) return Number.NaN
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = found.slice(1).map(Number)
  const at = new Date(Date.UTC(year < 100 ? 2000 + year : year, month - 1, day, hour, minute))
  const real = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60
  return real ? at.getTime() : Number.NaN
}

type Sold = { titles: Map<string, number>; prices: Map<number, number> }

export function retailCatalogue() {
  const sold = new Map<string, Sold>()
  const count = <Key>(counts: Map<Key, number>, key: Key) => counts.set(key, (counts.get(key) ?? 0) + 1)
  return {
    add(event: PlainEvent, title: string | undefined): void {
      if (event.item === undefined) return
      const known = sold.get(event.item) ?? { titles: new Map(), prices: new Map() }
      sold.set(event.item, known)
      if (title) count(known.titles, title)
      if (event.priceCents !== undefined) count(known.prices, event.priceCents)
    },
    *items(): Generator<PlainItem> {
      for (const [item, { titles, prices }] of sold)
        yield {
          item,
          title: mostFrequent(titles) ?? `Item ${item}`,
          priceCents: medianOf(prices),
          currency: CURRENCY,
        }
    },
  }
}

/** The first seen of equals. */
function mostFrequent(counts: ReadonlyMap<string, number>): string | undefined {
  let most: [string, number] | undefined
  for (const entry of counts) if (most === undefined || entry[1] > most[1]) most = entry
  return most?.[0]
}

/** The lower of the two in the middle, so that it is a price that was asked. */
function medianOf(counts: ReadonlyMap<number, number>): number | undefined {
  const ascending = [...counts].sort(([a], [b]) => a - b)
  const total = ascending.reduce((sum, [, times]) => sum + times, 0)
  let below = 0
  for (const [price, times] of ascending) {
    below += times
    if (below >= total / 2) return price
  }
  return undefined
}
