import type { EventType } from "../capture/event.ts"
import { type FeatureEvent, startsSession } from "./history-inputs.ts"

/**
 * Whether an event turns the shopper to a product, so that a recommendation could have named it: a view, a
 * click, a favourite, an addition to the cart; a purchase only where the same visit had not shown that product
 * before (orders without browsing: imported invoices, tills). Buying what already lies in the cart is no
 * discovery, and a slate leaves out what is in the cart.
 */
export function turnsToProduct(ordered: readonly FeatureEvent[]): Int32Array {
  const flags = new Int32Array(ordered.length)
  let inVisit = new Set<number>()
  for (const [index, event] of ordered.entries()) {
    if (startsSession(event, ordered[index - 1])) inVisit = new Set()
    if (event.productId === null) continue
    if (isTurn(event.type, inVisit.has(event.productId))) flags[index] = 1
    inVisit.add(event.productId)
  }
  return flags
}

function isTurn(type: EventType, seenInVisit: boolean): boolean {
  switch (type) {
    case "product_view":
    case "recommendation_click":
    case "favourite":
    case "cart_add":
      return true
    case "purchase":
      return !seenInVisit
    case "register":
    case "login":
    case "page_view":
    case "collection_view":
    case "search":
    case "cart_remove":
    case "cart_view":
    case "checkout_start":
    case "checkout_contact":
    case "checkout_address":
    case "checkout_shipping":
    case "checkout_payment":
    case "refund":
      return false
    default: {
      const unknown: never = type
      throw new TypeError(`Expected an event type, got ${String(unknown)}`)
    }
  }
}
