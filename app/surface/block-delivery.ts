import type { BlockDelivery } from "./block-events.ts"

/** Who a delivery speaks for: the customer whom Shopify signed, else the browser by its own name. */
export type DeliveryShopper = { kind: "customer" | "browser"; name: string }

/**
 * The body that goes into the inbox. The browser's name is also the session: it ties a browser to the customer who
 * is logged in on it, and to nobody else, since no other page can know 122 random bits.
 */
export function inboxBody(shopper: DeliveryShopper, given: BlockDelivery): string {
  return JSON.stringify({
    shopper,
    session: given.browser,
    ...(given.cart === undefined ? {} : { cart: given.cart }),
    events: given.events.map(({ atMs, ...event }, index) => ({
      ...event,
      at: atMs,
      id: `${given.deliveryId}:${index}`,
    })),
  })
}
