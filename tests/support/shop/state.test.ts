import { expect, test } from "vitest"
import { testState } from "./admin/test-admin.ts"
import type { ShopChange } from "./state/change.ts"
import { currentQuantity, currentTotalCents, fulfilmentStatus } from "./state/order-sums.ts"

function opened() {
  const { state, clock } = testState()
  const product = state.createProduct({ title: "Vase", variants: [{ priceCents: 1000, available: 5 }] })
  const customer = state.createCustomer({ email: "ada@example.com" })
  const changes: ShopChange[] = []
  state.onChange((change) => changes.push(change))
  const [variant] = product.variants
  return { state, clock, product, customer, changes, variantId: variant?.id ?? "" }
}

const topics = (changes: readonly ShopChange[]) => changes.map(({ topic }) => topic)

test("a purchase tells what Shopify would tell, and lowers the stock", () => {
  const { state, changes, variantId, product } = opened()
  const cart = state.putCart({ lines: [{ variantId, quantity: 2 }] })
  const checkout = state.startCheckout({ cartToken: cart.token, email: "ada@example.com" })
  const order = state.placeOrder({ checkoutToken: checkout.token, lines: [{ variantId, quantity: 2 }] })
  expect(topics(changes)).toEqual([
    "carts/create",
    "checkouts/create",
    "orders/create",
    "orders/paid",
    "checkouts/update",
    "inventory_levels/update",
    "products/update",
  ])
  expect(order).toMatchObject({ cartToken: cart.token, email: "ada@example.com" })
  expect([...state.store.levels.values()].map(({ available }) => available)).toEqual([3])
  expect(product.updatedAtMs).toBe(order.createdAtMs)
})

test("edits, refunds and a cancellation leave nothing of an order", () => {
  const { state, changes, variantId } = opened()
  const order = state.placeOrder({ lines: [{ variantId, quantity: 3 }], shippingCents: 500 })
  const lineId = order.lines[0]?.id ?? ""
  changes.length = 0
  state.editOrder(order.id, { remove: [{ lineId, quantity: 1 }] })
  state.refundOrder(order.id, { lines: [{ lineId, quantity: 1 }] })
  expect(order.lines.map((line) => currentQuantity(order, line))).toEqual([1])
  expect([order.financialStatus, currentTotalCents(order)]).toEqual(["partially_refunded", 1500])
  state.cancelOrder(order.id, { refund: true })
  expect([order.financialStatus, currentTotalCents(order)]).toEqual(["refunded", 0])
  expect(topics(changes)).toEqual([
    "orders/edited",
    "orders/updated",
    "refunds/create",
    "orders/updated",
    "refunds/create",
    "orders/updated",
    "orders/cancelled",
    "orders/updated",
  ])
})

test("an order is sent in parts, then whole", () => {
  const { state, variantId } = opened()
  const order = state.placeOrder({ lines: [{ variantId, quantity: 2 }] })
  const lineId = order.lines[0]?.id ?? ""
  state.fulfilOrder(order.id, { lines: [{ lineId, quantity: 1 }] })
  expect(fulfilmentStatus(order)).toBe("partial")
  state.fulfilOrder(order.id, { lines: [{ lineId, quantity: 1 }] })
  expect(fulfilmentStatus(order)).toBe("fulfilled")
})

test("who has ordered can't be deleted, but is forgotten on request", () => {
  const { state, changes, customer, variantId } = opened()
  const order = state.placeOrder({ customerId: customer.id, lines: [{ variantId, quantity: 1 }] })
  expect(() => state.deleteCustomer(customer.id)).toThrow("has orders")
  state.redactCustomer(customer.id)
  expect([customer.email, order.email]).toEqual([null, null])
  expect(changes.at(-1)).toMatchObject({
    topic: "customers/redact",
    request: { customerId: customer.id, email: "ada@example.com", orderIds: [order.id] },
  })
})

test("a deleted product leaves its collections, and orders of it stay", () => {
  const { state, product, variantId } = opened()
  const collection = state.createCollection({ title: "Vases", productIds: [product.id] })
  const order = state.placeOrder({ lines: [{ variantId, quantity: 1 }] })
  state.deleteProduct(product.id)
  expect(collection.productIds).toEqual([])
  expect(order.lines[0]?.productId).toBe(product.id)
})

test("changes carry the shop's time, and a history may be made up", () => {
  const { state, clock, variantId, changes } = opened()
  const atMs = clock.ms - 86_400_000
  const old = state.placeOrder({ lines: [{ variantId, quantity: 1 }] }, { atMs, fromStock: false })
  expect([old.createdAtMs, old.updatedAtMs]).toEqual([atMs, atMs])
  clock.ms += 5_000
  state.payOrder(old.id)
  expect(old.updatedAtMs).toBe(clock.ms)
  expect(changes.map((change) => change.atMs)).toEqual([atMs, atMs, clock.ms, clock.ms])
})
