/**
 * How long each kind of data is kept, in one table: the job that enforces it, the file that a person gets, the admin's
 * page and docs/privacy.md all speak of this one.
 */
import { z } from "zod"

/** By law a person's request is answered within a month (GDPR, Art. 12 (3)). */
export const ANSWER_DUE_DAYS = 30

/** Keys of the inbox are destroyed within 30 days; a day's key seals deliveries of that day alone. */
export const INBOX_KEY_DAYS = 29

export const DAY_MS = 86_400_000

/** A mean month: a period of months need not end on a certain day. */
const DAYS_A_MONTH = 30.44

/** Part `retention` of a shop's settings. */
export const retentionSettings = z.object({
  /** Months that browsing is kept. */
  browsingMonths: z.int().min(1).max(60).default(25), // a year and the same month of the year before
})

export type RetentionSettings = z.infer<typeof retentionSettings>

export const RETAINED = [
  "inbox_bodies",
  "inbox_rows",
  "browsing",
  "orders",
  "baskets",
  "customers",
  "anonymous",
  "decisions",
  "answers",
  "requests",
  "access_log",
  "uninstalled",
] as const

export type Retained = (typeof RETAINED)[number]

/** Days, or null: as long as the shop has the app, and the person was not erased. */
export function retentionDays({ browsingMonths }: RetentionSettings): Record<Retained, number | null> {
  const browsing = Math.round(browsingMonths * DAYS_A_MONTH)
  return {
    inbox_bodies: INBOX_KEY_DAYS,
    // Long past the last duplicate: Shopify repeats a delivery for hours, and is at most a day late.
    inbox_rows: 60,
    browsing,
    orders: null,
    baskets: 90,
    customers: null,
    anonymous: browsing,
    decisions: 396, // 13 months: a year's effect, compared with the same month
    answers: 90,
    requests: 1_096, // three years, in which a supervisory authority may ask
    access_log: 730,
    uninstalled: 60, // the shop's erasure comes two days after; this is for one that never came
  }
}

/** What each kind is, in words. */
export const RETAINED_WORDS: Record<Retained, string> = {
  inbox_bodies:
    "Messages as they came in, sealed; destroyed as soon as they are worked off, at the latest after",
  inbox_rows: "That a message came, without what it said",
  browsing: "Visits to the shop: pages, searches, products and carts looked at, checkouts begun",
  orders: "Orders, refunds and deliveries, and what was bought",
  baskets: "Carts and checkouts that did not become an order",
  customers: "Customer records, consents and what was computed from them",
  anonymous: "Browsers that never gave a name and did not come back",
  decisions: "Which products were shown, and why",
  answers: "Files made for people who asked what is held on them",
  requests: "That a person asked, and when it was answered",
  access_log: "Who read personal data",
  uninstalled: "Everything of a shop that took the app out and for which Shopify sent no request to erase it",
}

/** "25 months", "90 days" */
export function retentionWords(days: number | null): string {
  if (days === null) return "as long as the shop uses the app"
  const months = Math.round(days / DAYS_A_MONTH)
  if (months >= 12 && Math.abs(months * DAYS_A_MONTH - days) <= months) {
    return months % 12 === 0 ? `${months / 12} ${months === 12 ? "year" : "years"}` : `${months} months`
  }
  return `${days} days`
}
