import { randomBytes } from "node:crypto"
import { acceptDelivery } from "../../../app/capture/inbox.server.ts"
import { ensureShop, withShopSql } from "../../../app/db.server.ts"
import { processInbox } from "../../../app/jobs/process-inbox.ts"
import { settlePrivacyRequests } from "../../../app/jobs/settle-privacy-requests.ts"
import { makeShopState, type ShopState } from "../../support/shop/state.ts"
import {
  customerPayload,
  orderLinePayload,
  orderPayload,
  productPayload,
} from "../../support/webhook-payloads.ts"

/** A shop all of whose things can be told by their look, wherever they turn up. */
export type MarkedShop = {
  shopId: number
  domain: string
  state: ShopState
  /** Texts that stand in this shop's answers and must stand in no other's. */
  marks: string[]
  productId: string
  orderId: string
  customerId: string
  /** Of the answered request for a person's data. */
  requestId: string
  visitor: string
}

export const SCOPES = "write_products,read_inventory,read_orders,read_fulfillments,read_customers"

/** Tells the app of a product, a customer, an order, a visit and a request for the customer's data, and works them off. */
export async function markShop(name: string, number: number, secrets: { apiKey: string; secret: string }) {
  const mark = `marked-${name}`
  const domain = `${mark}-${randomBytes(3).toString("hex")}.myshopify.com`
  const state = makeShopState({ domain, apiKey: secrets.apiKey, apiSecret: secrets.secret })
  state.install(SCOPES.split(","))
  const shopId = await ensureShop(domain)
  const [productId, customerId, orderId, data] = [8, 7, 6, 9].map(
    (kind) => kind * 100_000_000 + number * 7_654_321,
  )
  const ids = [productId, customerId, orderId].map(String)
  const visitor = randomBytes(16).toString("hex")
  const email = `${mark}@example.test`
  const now = Date.now()
  const deliver = (door: "webhook" | "block", topic: string, payload: object) =>
    acceptDelivery(shopId, {
      door,
      topic,
      externalId: randomBytes(8).toString("hex"),
      triggeredAt: new Date(),
      apiVersion: "2026-07",
      body: JSON.stringify(payload),
    })
  await deliver(
    "webhook",
    "products/create",
    productPayload(Number(productId), now, { title: `${mark} mug` }),
  )
  const customer = { id: customerId, email }
  await deliver(
    "webhook",
    "customers/create",
    customerPayload(Number(customerId), now, { ...customer, first_name: mark }),
  )
  const line = orderLinePayload(Number(orderId) + 1, { product_id: productId })
  const order = { customer, email, cart_token: null, checkout_token: null, line_items: [line] }
  await deliver("webhook", "orders/create", orderPayload(Number(orderId), now, order))
  await processInbox(shopId)
  await deliver("block", "events", {
    shopper: { kind: "customer", name: String(customerId) },
    session: visitor,
    events: [
      { type: "product_view", at: now, item: String(productId), id: `${mark}:0` },
      { type: "search", at: now, query: `${mark} teapot`, id: `${mark}:1` },
    ],
  })
  await deliver("webhook", "customers/data_request", {
    shop_domain: domain,
    orders_requested: [orderId],
    customer,
    data_request: { id: data },
  })
  await processInbox(shopId)
  await settlePrivacyRequests(shopId, new Date())
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ request_id: string }>("SELECT request_id FROM privacy_requests WHERE answer IS NOT NULL"),
  )
  const requestId = rows[0]?.request_id
  if (!requestId) throw new Error(`The request for the data of ${name}'s customer was not answered.`)
  const shop: MarkedShop = {
    shopId,
    domain,
    state,
    marks: [mark, ...ids, requestId],
    productId: String(productId),
    orderId: String(orderId),
    customerId: String(customerId),
    requestId,
    visitor,
  }
  return shop
}
