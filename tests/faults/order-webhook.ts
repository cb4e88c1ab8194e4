import type { Random } from "../support/demo-shop/random.ts"
import { orderLinePayload, orderPayload } from "../support/webhook-payloads.ts"

const FIRST_ID = 6_100_000_000
const CUSTOMERS = 200
const PRODUCTS = 40

/** An order of one line, as `orders/create` tells it. */
export function orderWebhook(
  number: number,
  random: Random,
  atMs: number,
): { orderId: string; body: string } {
  const id = FIRST_ID + number
  const customer = 7_000_000 + random.integer(CUSTOMERS)
  const product = 8_000_000 + random.integer(PRODUCTS)
  const quantity = 1 + random.integer(3)
  const order = orderPayload(id, atMs, {
    cart_token: null,
    checkout_token: null,
    customer: { id: customer, admin_graphql_api_id: `gid://shopify/Customer/${customer}` },
    line_items: [
      orderLinePayload(id * 10, {
        product_id: product,
        variant_id: product * 10,
        quantity,
        current_quantity: quantity,
      }),
    ],
  })
  return { orderId: String(id), body: JSON.stringify(order) }
}
