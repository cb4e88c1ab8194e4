import { EVENT_TYPE_CODES } from "./event.ts"

/** Types by which a shopper gives the shop a name: who did one of these is known. */
export const KNOWN_BY_CODES: readonly number[] = (
  ["login", "register", "checkout_contact", "purchase"] as const
).map((type) => EVENT_TYPE_CODES[type])
