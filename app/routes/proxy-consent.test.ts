import { beforeAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { signProxyUrl } from "../../tests/support/shop/app-proxy.ts"
import { ensureShop, withShop, withShopSql } from "../db.server.ts"
import { decideSlate } from "../decision/decide-slate.server.ts"
import { flushDecisions } from "../decision/decision-log.server.ts"
import { action as sayConsent } from "./proxy.consent.ts"
import { action as sendEvents } from "./proxy.events.ts"

testDatabase()

const SHOP = "consent-door.myshopify.com"
const USER_AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15"
let shopId: number
let visitors = 0
let deliveries = 0

beforeAll(async () => {
  shopId = await ensureShop(SHOP)
  await withShop(shopId, (tx) =>
    tx.product.create({
      data: { shopId, externalId: "MUG-1", title: "Mug", priceCents: 1000, currency: "GBP" },
    }),
  )
})

const newVisitor = () => (++visitors).toString(16).padStart(32, "c")

function signedRequest(path: string, body: string, customer = "", secret?: string): Request {
  const url = signProxyUrl(
    new URL(`https://app.test/proxy/${path}`),
    secret ?? String(process.env.SHOPIFY_API_SECRET),
    {
      shop: SHOP,
      logged_in_customer_id: customer,
      path_prefix: "/apps/throughline",
      timestamp: String(Math.floor(Date.now() / 1000)),
    },
  )
  return new Request(url, { method: "POST", body, headers: { "User-Agent": USER_AGENT } })
}

const call = (route: typeof sayConsent, request: Request) => route({ request, params: {}, context: {} })
const say = (visitor: string, analytics: boolean, customer = "") =>
  call(sayConsent, signedRequest("consent", JSON.stringify({ visitor, analytics }), customer))
const view = (visitor: string, customer = "") => {
  const body = {
    delivery: (++deliveries).toString(16).padStart(32, "d"),
    visitor,
    events: [{ type: "product_view", at: Date.now(), product: "MUG-1" }],
  }
  return call(sendEvents, signedRequest("events", JSON.stringify(body), customer))
}
const count = async (table: string) => {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query(`SELECT count(*)::int AS n FROM ${table}`),
  )
  return rows[0].n
}

test("a visitor who takes consent back is captured no more from that moment, and again when it is given again", async () => {
  const visitor = newVisitor()
  expect((await view(visitor)).status).toBe(202)
  const answer = await say(visitor, false)
  expect({ status: answer.status, body: await answer.json() }).toEqual({
    status: 202,
    body: { recorded: true },
  })
  const [events, inbox] = [await count("events"), await count("inbox")]
  const refused = await view(visitor)
  expect({ status: refused.status, body: await refused.json() }).toMatchObject({
    status: 403,
    body: { error: "no_consent" },
  })
  expect([await count("events"), await count("inbox")]).toEqual([events, inbox])
  await say(visitor, true)
  expect((await view(visitor)).status).toBe(202)
  expect(await count("events")).toBe(events + 1)
})

test("a decision made for them afterwards is on record without them", async () => {
  const visitor = newVisitor()
  await view(visitor)
  await say(visitor, false)
  const decide = () =>
    decideSlate({
      shopId,
      surface: "block",
      placement: "product",
      identities: [{ kind: "browser", name: visitor }],
      consent: true,
      contextItem: "MUG-1",
      count: 2,
      nowMs: Date.now(),
    })
  await decide()
  await flushDecisions()
  expect(await count("decisions WHERE shopper_id IS NOT NULL")).toBe(0)
  await say(visitor, true)
  await decide()
  await flushDecisions()
  expect(await count("decisions WHERE shopper_id IS NOT NULL")).toBe(1)
})

test("a customer who was always logged in takes it back for that browser, and is not locked out by it", async () => {
  const [phone, laptop, phoneLater] = [newVisitor(), newVisitor(), newVisitor()]
  await view(phone, "3001")
  await say(phone, false, "3001")
  expect((await view(phone, "3001")).status).toBe(403)
  expect((await view(phone)).status).toBe(403)
  expect((await view(laptop, "3001")).status).toBe(202)
  // Consent given again makes a new name.
  expect((await view(phoneLater, "3001")).status).toBe(202)
})

test("a stranger's no leaves nothing", async () => {
  const before = await count("shoppers")
  const answer = await say(newVisitor(), false)
  expect(await answer.json()).toEqual({ recorded: false })
  expect(await count("shoppers")).toBe(before)
})

test("without Shopify's signature nothing changes, and what the block never says is a bad request", async () => {
  const visitor = newVisitor()
  await view(visitor)
  const forged = await call(
    sayConsent,
    signedRequest("consent", JSON.stringify({ visitor, analytics: false }), "", "someone-else"),
  )
  expect(forged.status).toBe(401)
  for (const body of [
    "{",
    "[]",
    JSON.stringify({ visitor }),
    JSON.stringify({ visitor, analytics: false, customer: "1" }),
  ])
    expect((await call(sayConsent, signedRequest("consent", body))).status).toBe(400)
  const large = JSON.stringify({ visitor, analytics: false, pad: "x".repeat(2_000) })
  expect((await call(sayConsent, signedRequest("consent", large))).status).toBe(413)
  expect((await view(visitor)).status).toBe(202)
})
