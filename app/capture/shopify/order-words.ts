/** Shopify's words for how far an order is, made one: REST and GraphQL have different ones for the same. */

/**
 * REST says null where nothing is fulfilled and "partial" for a part. GraphQL tells apart why nothing is (on hold,
 * scheduled, …), which REST does not know.
 */
export function fulfilmentWord(word: string | null): string {
  const lower = word === null ? "" : word.trim().toLowerCase()
  switch (lower) {
    case "":
    case "open":
    case "in_progress":
    case "on_hold":
    case "scheduled":
    case "pending_fulfillment":
    case "request_declined":
      return "unfulfilled"
    case "partial":
      return "partially_fulfilled"
    default:
      return lower.slice(0, 64)
  }
}

/** REST leaves it out (null) for an order that was never to be paid. */
export function financialWord(word: string | null): string {
  return word === null || word.trim() === "" ? "pending" : word.trim().toLowerCase().slice(0, 64)
}
