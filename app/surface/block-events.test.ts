import fc from "fast-check"
import { expect, test } from "vitest"
import { parseBlockDelivery } from "./block-events.ts"

const NOW = Date.UTC(2026, 4, 4, 12)
const ids = { delivery: "a".repeat(32), visitor: "b".repeat(32) }
const decision = "5f3c2f0e-8f5d-4c3e-9a55-0f7a3f6a0b11"
const parse = (...events: object[]) => parseBlockDelivery(JSON.stringify({ ...ids, events }), NOW)

test("what a page saw becomes events", () => {
  expect(parse({ type: "product_view", at: NOW, product: "MUG-001" })).toEqual({
    deliveryId: ids.delivery,
    browser: ids.visitor,
    events: [{ type: "product_view", atMs: NOW, item: "MUG-001" }],
    exposures: [],
    dropped: 0,
  })
})

test("a click on a slate is an event, and an exposure of the decision that made the slate", () => {
  const { events, exposures } = parse({ type: "recommendation_click", at: NOW, product: "MUG-001", decision })
  expect(events).toEqual([{ type: "recommendation_click", atMs: NOW, item: "MUG-001" }])
  expect(exposures).toEqual([{ decisionId: decision, kind: "clicked", items: ["MUG-001"], atMs: NOW }])
})

test("a slate that was seen is an exposure and no event", () => {
  const { events, exposures } = parse({ type: "seen", at: NOW, decision, products: ["a", "b", "a"] })
  expect(events).toEqual([])
  expect(exposures).toEqual([{ decisionId: decision, kind: "seen", items: ["a", "b"], atMs: NOW }])
})

test("a browser may name its cart by the token alone, never with the key that opens it", () => {
  const view = { type: "cart_view", at: NOW }
  const send = (cart: string) => parseBlockDelivery(JSON.stringify({ ...ids, cart, events: [view] }), NOW)
  expect(send("c1-Z2NwLXVzLWNlbnRyYWwx").cart).toBe("c1-Z2NwLXVzLWNlbnRyYWwx")
  for (const cart of [
    "c1-Z2NwLXVzLWNlbnRyYWwx?key=0123456789abcdef",
    "short",
    "<b>cart-token</b>",
    "a".repeat(65),
  ])
    expect(() => send(cart)).toThrow(expect.objectContaining({ code: "bad_request" }))
})

test.each(["purchase", "refund", "register", "login", "checkout_contact", "consent"])(
  "%s never comes from a page",
  (type) => {
    expect(() => parse({ type, at: NOW })).toThrow(expect.objectContaining({ code: "bad_request" }))
  },
)

test.each([
  "price",
  "priceCents",
  "revenue",
  "order",
  "email",
  "customer",
  "shopper",
  "shop",
  "consent",
  "__proto__x",
])("an event cannot carry %s", (name) => {
  expect(() => parse({ type: "cart_add", at: NOW, product: "a", [name]: "1" })).toThrow(
    expect.objectContaining({ code: "bad_request" }),
  )
})

test("a day-old event and one of the future are left out and counted; a clock a little ahead is set right", () => {
  const { events, dropped } = parse(
    { type: "page_view", at: NOW - 25 * 3_600_000 },
    { type: "page_view", at: NOW + 3_600_000 },
    { type: "page_view", at: NOW + 60_000 },
  )
  expect(dropped).toBe(2)
  expect(events).toEqual([{ type: "page_view", atMs: NOW }])
})

test("fifty events are taken, fifty-one refused", () => {
  const view = { type: "page_view", at: NOW }
  expect(parse(...Array(50).fill(view)).events).toHaveLength(50)
  expect(() => parse(...Array(51).fill(view))).toThrow(expect.objectContaining({ code: "bad_request" }))
})

test("whatever JSON comes, the answer is a delivery or a refusal", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(() => parseBlockDelivery(text, NOW)).toThrow(expect.objectContaining({ code: "bad_request" }))
    }),
  )
})
