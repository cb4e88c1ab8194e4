import { randomUUID } from "node:crypto"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { type SignedWebhook, webhookRequest } from "../../tests/support/shop/sign-webhook.ts"
import { inboxRows, knock, storeToken } from "../../tests/support/webhook-door.ts"
import { ensureShop, findShop, prismaWithoutShop } from "../db.server.ts"
import { closeQueue } from "../jobs/open-queue.server.ts"
import { metrics } from "../metrics.server.ts"

testDatabase()
afterAll(closeQueue)

const SECRET = "test-api-secret"
const OLD_SECRET = "the-secret-before"
// The environment is read at first use: this file runs in the middle of a rotation.
process.env.SHOPIFY_API_SECRET_OLD = OLD_SECRET
const URL_OF_DOOR = "https://app.test/webhooks"
const ORDER = JSON.stringify({ id: 1001, name: "#1001", email: "ada@example.test" })

let shop: string
let shopId: number
beforeEach(async () => {
  shop = `s${randomUUID().slice(0, 8)}.myshopify.com`
  shopId = await ensureShop(shop)
})

const given = (over: Partial<SignedWebhook> = {}): SignedWebhook => ({
  url: URL_OF_DOOR,
  topic: "orders/create",
  shop,
  body: ORDER,
  secret: SECRET,
  ...over,
})
const deliver = (over: Partial<SignedWebhook> = {}) => knock(webhookRequest(given(over)))
const inbox = (id = shopId) => inboxRows(id)

/** The same request with headers changed after signing; undefined takes one away. */
function altered(request: Request, changes: Record<string, string | undefined>): Request {
  const headers = new Headers(request.headers)
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) headers.delete(name)
    else headers.set(name, value)
  return new Request(request, { headers })
}

test("a signed webhook is in the inbox, sealed, when it is answered", async () => {
  const answer = await deliver({ triggeredAt: "2026-11-24T10:00:00.123456789Z", apiVersion: "2026-04" })
  expect([answer.status, await answer.json()]).toEqual([200, { accepted: true }])
  const [row] = await inbox()
  expect(row).toMatchObject({
    topic: "orders/create",
    state: "pending",
    triggered_at: new Date("2026-11-24T10:00:00.123Z"),
    api_version: "2026-04",
  })
  expect(row?.body.includes("ada@example.test")).toBe(false)
})

describe("what is refused leaves nothing", () => {
  test.each<[string, number, (request: Request) => Request]>([
    ["no signature", 401, (r) => altered(r, { "x-shopify-hmac-sha256": undefined })],
    ["a forged signature", 401, (r) => altered(r, { "x-shopify-hmac-sha256": `${"A".repeat(43)}=` })],
    ["no topic", 400, (r) => altered(r, { "x-shopify-topic": undefined })],
    ["a topic of another form", 400, (r) => altered(r, { "x-shopify-topic": "orders/create; drop" })],
    ["no shop", 400, (r) => altered(r, { "x-shopify-shop-domain": undefined })],
    ["a domain that is not Shopify's", 400, (r) => altered(r, { "x-shopify-shop-domain": "evil.test" })],
    ["no webhook id", 400, (r) => altered(r, { "x-shopify-webhook-id": undefined })],
    ["no API version", 400, (r) => altered(r, { "x-shopify-api-version": undefined })],
    ["a time that is none", 400, (r) => altered(r, { "x-shopify-triggered-at": "yesterday" })],
    ["another method", 405, (r) => new Request(r, { method: "PUT" })],
  ])("%s", async (_, status, change) => {
    const answer = await knock(change(webhookRequest(given())))
    expect(answer.status).toBe(status)
    expect(await answer.text()).not.toContain(shop)
    expect(await inbox()).toEqual([])
  })

  test("a body that was changed after signing", async () => {
    const request = webhookRequest(given())
    const changed = new Request(URL_OF_DOOR, {
      method: "POST",
      headers: request.headers,
      body: ORDER.replace("1001", "1002"),
    })
    expect((await knock(changed)).status).toBe(401)
    expect(await inbox()).toEqual([])
  })

  test("a body over 5 MiB; one of 5 MiB is taken", async () => {
    expect((await deliver({ body: "x".repeat((5 << 20) + 1) })).status).toBe(413)
    expect(await inbox()).toEqual([])
    expect((await deliver({ body: "x".repeat(5 << 20) })).status).toBe(200)
    expect(await inbox()).toHaveLength(1)
  })

  test("a signature that means the same bytes in other base64", async () => {
    const request = webhookRequest(given())
    const signature = request.headers.get("x-shopify-hmac-sha256") ?? ""
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    const last = digits[digits.indexOf(signature.charAt(42)) ^ 1]
    const other = `${signature.slice(0, 42)}${last}=`
    expect(Buffer.from(other, "base64")).toEqual(Buffer.from(signature, "base64"))
    expect((await knock(altered(request, { "x-shopify-hmac-sha256": other }))).status).toBe(401)
  })
})

test("while a secret is rotated both count, and a third one does not", async () => {
  expect((await deliver({ secret: OLD_SECRET })).status).toBe(200)
  expect((await deliver({ secret: SECRET })).status).toBe(200)
  expect((await deliver({ secret: "one-more-secret" })).status).toBe(401)
  expect(await inbox()).toHaveLength(2)
})

test("without a triggered-at the delivery is kept all the same", async () => {
  expect(
    (await knock(altered(webhookRequest(given()), { "x-shopify-triggered-at": undefined }))).status,
  ).toBe(200)
  expect(await inbox()).toMatchObject([{ triggered_at: null }])
})

test("a replay is answered well and kept once; the same id of another shop is another delivery", async () => {
  const webhookId = randomUUID()
  const other = `t${shop}`
  const otherId = await ensureShop(other)
  for (let times = 0; times < 3; times++) expect((await deliver({ webhookId })).status).toBe(200)
  expect((await deliver({ webhookId, shop: other })).status).toBe(200)
  expect(await inbox()).toHaveLength(1)
  expect(await inbox(otherId)).toHaveLength(1)
})

test("a shop that never had the app, and a topic nobody asked for: answered well, counted, not kept", async () => {
  const stranger = await deliver({ shop: "stranger.myshopify.com" })
  expect([stranger.status, await stranger.json()]).toEqual([200, { accepted: false }])
  expect(await findShop("stranger.myshopify.com")).toBeNull()
  const topic = await deliver({ topic: "themes/update" })
  expect([topic.status, await topic.json()]).toEqual([200, { accepted: false }])
  expect(await inbox()).toEqual([])
  const counted = await metrics.getSingleMetricAsString("throughline_webhooks_total")
  expect(counted).toContain('{outcome="unknown_shop"} 1')
  expect(counted).toContain('{outcome="unknown_topic"} 1')
})

test("an expired token and a token that is gone do not make a webhook fail", async () => {
  await storeToken(shop, new Date(Date.now() - 3_600_000))
  expect((await deliver()).status).toBe(200)
  await prismaWithoutShop().shopifySession.deleteMany({ where: { shop } })
  expect((await deliver()).status).toBe(200)
  expect(await inbox()).toHaveLength(2)
})
