/**
 * Review sequences without times, a line per user: `user item item …`, oldest first (the form in which S3-Rec and
 * TIGER share Amazon's reviews).
 *
 * A review follows a purchase, so each is a `purchase`. Order is all that the file has; times are made up to carry it:
 * the last event of every user is at noon UTC of LAST_DAY, each one before it a day earlier. Counted from the end, a
 * split by time holds out what the usual leave-last-out evaluation does; a day apart, each is a visit and an order of
 * its own. Nothing about pace, season or recency may be read from such a log.
 */
import type { PlainEvent, PlainItem } from "../../capture/event.ts"
import { type Converter, convertRows, textRows } from "./conversion.ts"

const DAY_MS = 86_400_000
/** The reviews end in July 2014 (McAuley et al., 2015). */
const LAST_DAY_MS = Date.UTC(2014, 6, 23, 12)

const REASONS = { bad_line: "expected a user and at least one item, apart by spaces" } as const

export const amazonSequences: Converter = {
  about: "reviews in order, a line per user: user item item … (text)",
  input: "a text file with a line per user: user item item …",
  reasons: REASONS,
  open(path, _options, tally) {
    const items = new Set<string>()
    return {
      batches: convertRows(textRows(path), tally, ({ text }) => {
        const events = eventsOfSequence(String(text))
        if (typeof events !== "string") for (const { item } of events) items.add(item)
        return events
      }),
      *items(): Generator<PlainItem> {
        for (const item of items) yield { item, title: `Item ${item}` }
      },
      notes: () => ["Times are made up: only the order of each shopper's events means anything."],
    }
  },
}

export function eventsOfSequence(line: string): (PlainEvent & { item: string })[] | keyof typeof REASONS {
  const [shopper, ...items] = line.trim().split(/\s+/)
  if (!shopper || items.length === 0) return "bad_line"
  return items.map((item, position) => ({
    shopper,
    type: "purchase",
    atMs: LAST_DAY_MS - (items.length - 1 - position) * DAY_MS,
    item,
  }))
}
