/**
 * CDNOW's purchases of 1997 and 1998 (Fader and Hardie): a line per transaction with customer, customer in the
 * sample, day, number of CDs, dollars in all.
 *
 * Each line is one order at noon UTC of its day; which CDs is not told. The dollars must come out to the cent, while a
 * unit price seldom divides them, so an order whose price does not divide has two lines, a cent apart.
 */
import type { PlainEvent } from "../../capture/event.ts"
import { type Converter, convertRows, textRows } from "./conversion.ts"

const NOON_HOURS = 12
const LINE = /^\s*(\d+)\s+\d+\s+(\d{4})(\d{2})(\d{2})\s+(\d+)\s+(\d+)\.(\d{2})\s*$/

const REASONS = {
  bad_line: "expected: customer, customer in sample, day as 19970118, CDs, dollars as 29.73",
  bad_time: "no such day",
  no_quantity: "no CD",
} as const

export const cdnow: Converter = {
  about: "transactions of the CDNOW sample (text)",
  input: "a text file like CDNOW_sample.txt: customer, customer in sample, day, CDs, dollars",
  reasons: REASONS,
  open(path, _options, tally) {
    return {
      batches: convertRows(textRows(path), tally, ({ text }, line) =>
        eventsOfTransaction(String(text), line),
      ),
      items: () => [],
      notes: () => ["The log names no items. An order whose dollars do not divide by its CDs has two lines."],
    }
  },
}

/** @param line number of the line: it names the order. */
export function eventsOfTransaction(text: string, line: number): PlainEvent[] | keyof typeof REASONS {
  const found = LINE.exec(text)
  if (!found) return "bad_line"
  const [, customer = ""] = found
  const [year = 0, month = 0, day = 0, quantity = 0, dollars = 0, cents = 0] = found.slice(2).map(Number)
  const at = new Date(Date.UTC(year, month - 1, day, NOON_HOURS))
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return "bad_time"
  if (quantity === 0) return "no_quantity"
  const totalCents = dollars * 100 + cents
  const priceCents = Math.floor(totalCents / quantity)
  const dearer = totalCents - priceCents * quantity
  const event = {
    shopper: customer,
    type: "purchase" as const,
    atMs: at.getTime(),
    currency: "USD",
    order: `line-${line}`,
  }
  const lines = [{ ...event, priceCents, quantity: quantity - dearer }]
  if (dearer > 0) lines.push({ ...event, priceCents: priceCents + 1, quantity: dearer })
  return lines
}
