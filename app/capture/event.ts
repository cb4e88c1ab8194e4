/**
 * The canonical event: what every door (webhook, pixel, bulk import, event file) is turned into, and the
 * only shape that anything to the right of `capture` knows.
 */

/** Canonical event types, in the order of the journey. */
export const EVENT_TYPES = [
  "register",
  "login",
  "page_view",
  "collection_view",
  "search",
  "product_view",
  "recommendation_click",
  "cart_add",
  "cart_remove",
  "cart_view",
  "favourite",
  "checkout_start",
  "checkout_contact",
  "checkout_address",
  "checkout_shipping",
  "checkout_payment",
  "purchase",
  "refund",
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/**
 * Code of a type in the database (smallint) and in tensors. Codes are stored, so they never change meaning:
 * a new type takes the next free code. 0 is kept for padding.
 */
export const EVENT_TYPE_CODES = {
  register: 1,
  login: 2,
  page_view: 3,
  collection_view: 4,
  search: 5,
  product_view: 6,
  recommendation_click: 7,
  cart_add: 8,
  cart_remove: 9,
  cart_view: 10,
  favourite: 11,
  checkout_start: 12,
  checkout_contact: 13,
  checkout_address: 14,
  checkout_shipping: 15,
  checkout_payment: 16,
  purchase: 17,
  refund: 18,
} as const satisfies Record<EventType, number>

/** One line of the plain event format (architecture: "The plain event format"), parsed and checked. */
export type PlainEvent = {
  /** The source's own name for a person or browser. Personal data: never stored or logged in the clear. */
  shopper: string
  type: EventType
  /** Epoch milliseconds, UTC: when it happened. */
  atMs: number
  item?: string
  /** Unit price in minor units (cents) of `currency`. */
  priceCents?: number
  /** ISO 4217, upper case. */
  currency?: string
  quantity?: number
  /** The source's own session id, if it has one. */
  session?: string
  order?: string
  query?: string
  /** Where the visit came from: a campaign or channel ("email", "search", "ad"). */
  source?: string
  /** The source's own event id, if it has one. */
  id?: string
}

/** One line of an items file. */
export type PlainItem = {
  item: string
  title: string
  description?: string
  category?: string
  brand?: string
  priceCents?: number
  currency?: string
  image?: string
  available?: boolean
}
