/**
 * When the shop learnt of an event. Live deliveries come within hours (Shopify retries a webhook for four hours; a
 * pixel sends when the browser is next online). What was stored later than two days after it happened came by an
 * import, whose source knew it at the time: it counts as learnt when it happened.
 */
const IMPORTED_AFTER_MS = 2 * 86_400_000

export function learntMs(atMs: number, receivedMs: number): number {
  return receivedMs - atMs > IMPORTED_AFTER_MS ? atMs : Math.max(atMs, receivedMs)
}
