/**
 * What a shop tells the app in two days, message by message in the order in which things happened: products that
 * change, customers who sign up, change their minds and leave, carts, checkouts, orders that are paid, sent, refunded
 * and cancelled. Each message is a whole one, as Shopify sends it, at a second of its own.
 */
import type { Random } from "../support/demo-shop/random.ts"
import {
  cartPayload,
  checkoutPayload,
  customerPayload,
  emailConsentPayload,
  fulfilmentPayload,
  orderLinePayload,
  orderPayload,
  productPayload,
  refundPayload,
  variantPayload,
} from "../support/webhook-payloads.ts"

export type ToldMessage = { topic: string; body: string; triggeredAtMs: number; webhookId: string }

type Order = { id: number; overrides: Record<string, unknown>; refunds: object[]; fulfilments: object[] }

const PRODUCTS = 60
const FIRST = {
  product: 4_100_000,
  customer: 5_200_000,
  order: 6_300_000,
  refund: 7_400_000,
  parcel: 8_500_000,
}

export function shopDays(count: number, random: Random, endMs: number): ToldMessage[] {
  const messages: ToldMessage[] = []
  const customers: number[] = []
  const orders: Order[] = []
  const stepMs = Math.max(1_000, Math.floor((2 * 86_400_000) / count / 1_000) * 1_000)
  let atMs = endMs - count * stepMs
  let made = 0

  const tell = (topic: string, payload: object) => {
    const webhookId = `told-${messages.length}`
    messages.push({ topic, body: JSON.stringify(payload), triggeredAtMs: atMs, webhookId })
    // Shopify's times have whole seconds.
    atMs += stepMs
  }
  const next = (first: number) => first + ++made
  const price = () => (5 + random.integer(4_000) / 100).toFixed(2)
  const address = (customer: number) => `Person.${customer}@Example.test`
  const tellOrder = (topic: string, { id, overrides, refunds, fulfilments }: Order, createdMs: number) =>
    tell(
      topic,
      orderPayload(id, createdMs, {
        ...overrides,
        updated_at: new Date(atMs).toISOString(),
        refunds,
        fulfillments: fulfilments,
      }),
    )
  const created = new Map<number, number>()

  for (let n = 0; n < PRODUCTS; n++) tellProduct(FIRST.product + n, "products/create")
  while (messages.length < count) act()
  return messages.slice(0, count)

  function tellProduct(id: number, topic: string): void {
    const variants = [variantPayload(id * 10, { price: price(), inventory_quantity: random.integer(9) })]
    const title = `Product ${id}, ${random.pick(["blue", "green", "white"])}`
    tell(topic, productPayload(id, atMs, { title, handle: `p-${id}`, variants }))
  }

  function act(): void {
    const drawn = random.unit()
    if (drawn < 0.15) tellProduct(FIRST.product + random.integer(PRODUCTS), "products/update")
    else if (drawn < 0.27) signUp()
    else if (drawn < 0.37) changeMind()
    else if (drawn < 0.45) fillCart()
    else if (drawn < 0.75) order()
    else if (orders.length > 0) goOn(random.pick(orders))
  }

  function signUp(): void {
    const id = next(FIRST.customer)
    customers.push(id)
    tell("customers/create", customerPayload(id, atMs, { email: address(id), phone: null }))
  }

  function changeMind(): void {
    if (customers.length === 0) return
    const id = random.pick(customers)
    if (random.chance(0.5))
      tell(
        "customers_email_marketing_consent/update",
        emailConsentPayload(id, random.pick(["subscribed", "unsubscribed"]), atMs),
      )
    else
      tell("customers/update", customerPayload(id, atMs, { email: address(id), first_name: `Name ${made}` }))
  }

  function fillCart(): void {
    const token = `cart${next(0)}`
    const product_id = FIRST.product + random.integer(PRODUCTS)
    const line_items = [
      { id: 1, key: "1", product_id, variant_id: product_id * 10, quantity: 1, price: price() },
    ]
    tell("carts/update", cartPayload(token, atMs, { line_items }))
    if (random.chance(0.5))
      tell(
        "checkouts/create",
        checkoutPayload(`out${made}`, atMs, { cart_token: token, email: null, line_items }),
      )
  }

  function order(): void {
    const id = next(FIRST.order)
    const guest = customers.length === 0 || random.chance(0.3)
    const customer = guest ? 0 : random.pick(customers)
    const line_items = Array.from({ length: 1 + random.integer(3) }, (_, index) => {
      const product_id = FIRST.product + random.integer(PRODUCTS)
      const quantity = 1 + random.integer(3)
      const line = {
        product_id,
        variant_id: product_id * 10,
        quantity,
        current_quantity: quantity,
        price: price(),
      }
      return orderLinePayload(id * 10 + index, line)
    })
    const overrides = {
      cart_token: `cart${made}`,
      checkout_token: `out${made}`,
      email: guest ? address(made) : address(customer),
      customer: guest ? null : { id: customer },
      financial_status: "pending",
      test: random.chance(0.02),
      line_items,
    }
    const placed: Order = { id, overrides, refunds: [], fulfilments: [] }
    orders.push(placed)
    created.set(id, atMs)
    tellOrder("orders/create", placed, atMs)
  }

  function goOn(placed: Order): void {
    const createdMs = created.get(placed.id) ?? atMs
    const drawn = random.unit()
    if (drawn < 0.4) {
      placed.overrides.financial_status = "paid"
      tellOrder("orders/paid", placed, createdMs)
    } else if (drawn < 0.65) {
      const parcel = fulfilmentPayload(next(FIRST.parcel), placed.id, atMs)
      placed.fulfilments.push(parcel)
      placed.overrides.fulfillment_status = "fulfilled"
      tell("fulfillments/create", parcel)
      tellOrder("orders/updated", placed, createdMs)
    } else if (drawn < 0.9 && placed.refunds.length === 0) {
      const lines = [{ id: made, line_item_id: placed.id * 10, quantity: 1, subtotal: 5 }]
      const refund = refundPayload(next(FIRST.refund), placed.id, atMs, { refund_line_items: lines })
      placed.refunds.push(refund)
      placed.overrides.financial_status = "partially_refunded"
      tell("refunds/create", refund)
      tellOrder("orders/updated", placed, createdMs)
    } else if (placed.overrides.cancelled_at === undefined) {
      placed.overrides.cancelled_at = new Date(atMs).toISOString()
      tellOrder("orders/cancelled", placed, createdMs)
    }
  }
}
