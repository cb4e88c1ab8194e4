/** What the small shop says of each of its things, as Shopify's webhooks say it. */
import {
  checkoutPayload,
  customerPayload,
  fulfilmentPayload,
  orderLinePayload,
  orderPayload,
  productPayload,
  refundPayload,
  shopTime,
  variantPayload,
} from "../../support/webhook-payloads.ts"
import type { Checkout, Customer, Order, Product, Refund, SmallShop } from "./small-shop.ts"

/** Two messages are never triggered at once, and within a second the later one tells the newer state. */
export function tell(shop: SmallShop, topic: string, body: Record<string, unknown>): void {
  shop.sent.push({ door: "webhook", topic, atMs: shop.nowMs++, body })
}

const amount = (cents: number) => (cents / 100).toFixed(2)

export function tellProduct(shop: SmallShop, topic: string, product: Product): void {
  const { id, atMs, priceCents } = product
  product.updatedMs = shop.nowMs
  tell(
    shop,
    topic,
    productPayload(id, atMs, {
      title: `Mug ${id}`,
      updated_at: shopTime(product.updatedMs),
      published_at: product.published ? shopTime(atMs) : null,
      variants: [
        variantPayload(id * 10, { price: amount(priceCents), inventory_item_id: id * 100 }),
        variantPayload(id * 10 + 1, {
          price: amount(priceCents + 500),
          inventory_item_id: id * 100 + 1,
          inventory_quantity: 0,
        }),
      ],
    }),
  )
}

export function tellCustomer(shop: SmallShop, topic: string, customer: Customer): void {
  customer.updatedMs = shop.nowMs
  tell(
    shop,
    topic,
    customerPayload(customer.id, customer.atMs, {
      email: customer.email,
      first_name: customer.name,
      updated_at: shopTime(customer.updatedMs),
      state: customer.id % 2 ? "enabled" : "disabled",
      phone: null,
    }),
  )
}

export function tellCheckout(shop: SmallShop, topic: string, checkout: Checkout): void {
  checkout.updatedMs = shop.nowMs
  tell(
    shop,
    topic,
    checkoutPayload(checkout.token, checkout.atMs, {
      updated_at: shopTime(checkout.updatedMs),
      completed_at: checkout.completedMs === null ? null : shopTime(checkout.completedMs),
      cart_token: checkout.cart,
      email: checkout.email,
      customer: checkout.customer === null ? null : { id: checkout.customer },
      shipping_address: checkout.address ? { country_code: "DE" } : null,
    }),
  )
}

export function tellOrder(shop: SmallShop, topic: string, order: Order): void {
  tell(
    shop,
    topic,
    orderPayload(order.id, order.atMs, {
      updated_at: shopTime(shop.nowMs),
      customer: order.customer === null ? null : { id: order.customer },
      email: order.email ?? "",
      contact_email: order.email,
      cart_token: order.cart,
      checkout_token: order.checkout,
      cancelled_at: order.cancelledMs === null ? null : shopTime(order.cancelledMs),
      fulfillment_status: order.fulfilled === null ? null : "fulfilled",
      line_items: order.lines.map(({ id, product, quantity, removed, priceCents }) =>
        orderLinePayload(id, {
          product_id: product,
          variant_id: product * 10,
          quantity,
          current_quantity: quantity - removed,
          price: amount(priceCents),
          price_set: { shop_money: { amount: amount(priceCents) } },
        }),
      ),
      refunds: order.refunds.map((refund) => refundBody(order, refund)),
      fulfillments: order.fulfilled === null ? [] : [fulfilmentBody(order, order.fulfilled)],
    }),
  )
}

export function refundBody(order: Order, refund: Refund) {
  return refundPayload(refund.id, order.id, refund.atMs, {
    refund_line_items: [{ id: refund.id, line_item_id: refund.line, quantity: refund.quantity }],
    transactions: refund.paid ? [{ kind: "refund", status: "success", amount: "5.00" }] : [],
  })
}

export function fulfilmentBody(order: Order, id: number) {
  return fulfilmentPayload(id, order.id, order.atMs + 1_000)
}
