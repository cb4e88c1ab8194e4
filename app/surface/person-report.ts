/** The file that a person gets: what is held on them, as tables with a word on where each comes from. */
import type { EventType } from "../capture/event.ts"
import type { RetentionSettings } from "../shop/retention.ts"

export type Cell = string | number | null

export type ReportSection = {
  title: string
  /** Where it comes from and what it is for. */
  origin: string
  /** How long it is kept. */
  kept: string
  columns: string[]
  rows: Cell[][]
}

export type PersonReport = {
  shop: { name: string; domain: string }
  asOfMs: number
  retention: RetentionSettings
  sections: ReportSection[]
}

export const EVENT_WORDS: Record<EventType, string> = {
  register: "Opened an account",
  login: "Logged in",
  page_view: "Looked at a page",
  collection_view: "Looked at a collection",
  search: "Searched",
  product_view: "Looked at a product",
  recommendation_click: "Followed a recommendation",
  cart_add: "Put a product into the cart",
  cart_remove: "Took a product out of the cart",
  cart_view: "Looked at the cart",
  favourite: "Marked a product as a favourite",
  checkout_start: "Began a checkout",
  checkout_contact: "Gave a contact at the checkout",
  checkout_address: "Gave an address at the checkout",
  checkout_shipping: "Chose a way of shipping",
  checkout_payment: "Entered a payment",
  purchase: "Bought",
  refund: "Returned or was refunded",
}

export const NAME_WORDS: Record<string, string> = {
  source: "Name in an imported event file",
  browser: "Random number in a browser's storage",
  customer: "Customer number of the shop",
  email: "E-mail address",
  order: "Order number",
  cart: "Cart",
  checkout: "Checkout",
}

/** Minor units as an amount: the currency's own number of decimals. */
export function money(cents: number | null, currency: string | null): string {
  if (cents === null) return ""
  if (currency === null) return (cents / 100).toFixed(2)
  const digits =
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2
  return `${(cents / 10 ** digits).toFixed(digits)} ${currency}`
}

/** ISO 8601 in UTC, with a space: read by people and by programs. */
export const moment = (at: Date | number): string =>
  `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`
