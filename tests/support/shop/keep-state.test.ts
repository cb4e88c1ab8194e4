import { expect, test } from "vitest"
import { generateDemoShop } from "../demo-shop/generate.ts"
import { numberProducts } from "../demo-shop/numbered.ts"
import { addPast, browsingOf } from "./demo-past.ts"
import { restoreState, stateText } from "./keep-state.ts"
import { makeShopState } from "./state.ts"
import { stockShop } from "./stock-shop.ts"

const empty = () => makeShopState({ domain: "kept.myshopify.com", apiKey: "key", apiSecret: "secret" })
const demo = numberProducts(generateDemoShop({ seed: 3, shoppers: 250, days: 30 }))

function pastShop() {
  const state = empty()
  stockShop(state, demo.products, demo.truth.startMs)
  return { state, customers: addPast(state, demo) }
}

test("a shop that is kept and opened again is the same shop, and numbers what is new after what is there", () => {
  const { state } = pastShop()
  state.install(["read_orders"])
  const text = stateText(state)
  const opened = empty()
  restoreState(opened, text)
  expect({ ...JSON.parse(stateText(opened)), nextId: 0 }).toEqual({ ...JSON.parse(text), nextId: 0 })
  const [order] = opened.store.orders.values()
  expect(opened.store.ordersByCustomer.get(order?.customerId ?? "")).toContain(order)
  const ids = [...opened.store.orders.keys(), ...opened.store.products.keys()]
  const made = opened.placeOrder({
    lines: [{ variantId: [...opened.store.variants.keys()][0] ?? "", quantity: 1 }],
  })
  expect(ids).not.toContain(made.id)
  expect([...opened.store.variants.values()][0]?.product).toBe([...opened.store.products.values()][0])
})

test("what the log says of sales and refunds is what the shop has, and the log that is left says nothing of them", () => {
  const { state, customers } = pastShop()
  const told = new Set(demo.events)
  const sold = [...told].filter(({ type }) => type === "purchase")
  const orders = [...state.store.orders.values()]
  expect(sold.length).toBeGreaterThan(10)
  expect(orders.length).toBe(new Set(sold.map(({ order }) => order)).size)
  const units = (lines: { quantity?: number }[]) => lines.reduce((sum, { quantity = 1 }) => sum + quantity, 0)
  expect(units(orders.flatMap(({ lines }) => lines))).toBe(units(sold))
  expect(units(orders.flatMap(({ refunds }) => refunds.flatMap(({ lines }) => lines)))).toBe(
    units([...told].filter(({ type }) => type === "refund")),
  )
  expect(orders.every(({ customerId }) => customerId !== null)).toBe(true)
  expect(new Set(customers.map(({ id }) => id)).size).toBe(customers.length)
  const left = browsingOf(demo.events)
  expect(left.length).toBe(demo.events.filter(({ type }) => type !== "purchase" && type !== "refund").length)
  expect(left.some(({ type }) => type === "purchase" || type === "refund")).toBe(false)
})

test("a product's number is the same whenever the shop is made, and its code stays", () => {
  const again = numberProducts(generateDemoShop({ seed: 3, shoppers: 20, days: 5 }))
  expect(again.products.map(({ item, code }) => [item, code])).toEqual(
    demo.products.map(({ item, code }) => [item, code]),
  )
  const items = new Set(demo.products.map(({ item }) => item))
  expect(demo.events.every(({ item }) => item === undefined || items.has(item))).toBe(true)
  expect([...items].every((item) => /^\d{13}$/.test(item))).toBe(true)
})
