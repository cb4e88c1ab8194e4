import { expect, test } from "vitest"
import { inboxBody } from "./block-delivery.ts"

test("each event of a delivery has an id of its own, and the shopper is the one who was proved", () => {
  const given = {
    deliveryId: "a".repeat(32),
    browser: "b".repeat(32),
    cart: "cart-of-the-browser",
    events: [
      { type: "product_view" as const, atMs: 5, item: "MUG-1" },
      { type: "search" as const, atMs: 6, query: "mug" },
    ],
    exposures: [],
    dropped: 0,
  }
  expect(JSON.parse(inboxBody({ kind: "customer", name: "1001" }, given))).toEqual({
    shopper: { kind: "customer", name: "1001" },
    session: given.browser,
    cart: given.cart,
    events: [
      { type: "product_view", at: 5, item: "MUG-1", id: `${given.deliveryId}:0` },
      { type: "search", at: 6, query: "mug", id: `${given.deliveryId}:1` },
    ],
  })
})
