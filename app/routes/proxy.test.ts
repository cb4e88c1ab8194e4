import { afterAll, beforeAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { signProxyUrl } from "../../tests/support/shop/app-proxy.ts"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { ensureShop, withShop } from "../db.server.ts"
import { flushDecisions } from "../decision/decision-log.server.ts"
import { loader } from "./proxy.block.ts"
import { action } from "./proxy.events.ts"

testDatabase()

const SHOP = "larkfield-home.myshopify.com"
const BROWSER = "0123456789abcdef".repeat(2)
let shopId: number
let otherShopId: number

beforeAll(async () => {
  shopId = await ensureShop(SHOP)
  otherShopId = await ensureShop("other-shop.myshopify.com")
  for (const id of [shopId, otherShopId])
    await withShop(id, (tx) =>
      tx.product.createMany({
        data: ["MUG-1", "MUG-2", "MUG-3"].map((externalId) => ({
          shopId: id,
          externalId,
          title: externalId,
          priceCents: 1000,
          currency: "GBP",
        })),
      }),
    )
})

afterAll(flushDecisions)

type Signed = {
  query?: Record<string, string>
  customer?: string
  shop?: string
  nowMs?: number
  secret?: string
}

function signed(
  path: string,
  { query = {}, customer = "", shop = SHOP, nowMs = Date.now(), secret }: Signed,
): string {
  const url = new URL(`https://app.test/proxy/${path}?${new URLSearchParams(query)}`)
  return signProxyUrl(url, secret ?? String(process.env.SHOPIFY_API_SECRET), {
    shop,
    logged_in_customer_id: customer,
    path_prefix: "/apps/throughline",
    timestamp: String(Math.floor(nowMs / 1000)),
  }).href
}

const USER_AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15"

function askBlock(over: Signed = {}, headers: Record<string, string> = {}): Promise<Response> {
  const query = { visitor: BROWSER, product: "MUG-1", count: "2", ...over.query }
  const request = new Request(signed("block", { ...over, query }), {
    headers: { "User-Agent": USER_AGENT, ...headers },
  })
  return loader({ request, params: {}, context: {} })
}

let deliveries = 0
function sendEvents(
  events: object[],
  over: Signed & { body?: string; delivery?: string } = {},
  userAgent = USER_AGENT,
) {
  const delivery = over.delivery ?? String(++deliveries).padStart(32, "0")
  const body = over.body ?? JSON.stringify({ delivery, visitor: BROWSER, events })
  const request = new Request(signed("events", over), {
    method: "POST",
    body,
    headers: { "User-Agent": userAgent },
  })
  return action({ request, params: {}, context: {} })
}

const countEvents = (id = shopId) => withShop(id, (tx) => tx.event.count({ where: { shopId: id } }))
const view = (product = "MUG-2") => ({ type: "product_view", at: Date.now(), product })

test("a signed request gets a slate as JSON, with who served it", async () => {
  const answer = await askBlock()
  expect(answer.status).toBe(200)
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8")
  const body = await answer.json()
  expect(body).toMatchObject({ outcome: expect.any(String), servedBy: expect.any(String) })
  expect(body.decisionId).toMatch(/^[0-9a-f-]{36}$/)
  expect(body).toHaveProperty("modelVersion")
})

test.each([
  ["another secret", { secret: "someone-else" }],
  ["an old signature", { nowMs: Date.now() - 10 * 60_000 }],
])("%s is refused, and nothing of the request is repeated", async (_, over) => {
  const answer = await askBlock(over)
  expect(answer.status).toBe(401)
  expect(answer.headers.get("content-type")).toContain("application/json")
  expect(await answer.text()).not.toContain(BROWSER)
})

test("a parameter that was changed after signing is refused", async () => {
  const url = signed("block", { query: { visitor: BROWSER, product: "MUG-1", count: "2" } })
  const request = new Request(url.replace("logged_in_customer_id=", "logged_in_customer_id=1001"))
  expect((await loader({ request, params: {}, context: {} })).status).toBe(401)
})

test("a shop that never installed the app is not found", async () => {
  expect((await askBlock({ shop: "stranger.myshopify.com" })).status).toBe(404)
})

test("what the block never sends is a bad request", async () => {
  expect((await askBlock({ query: { count: "500" } })).status).toBe(400)
})

test("a crawler gets no decision and leaves no event", async () => {
  const bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
  const before = await countEvents()
  expect((await askBlock({}, { "User-Agent": bot })).status).toBe(204)
  expect((await sendEvents([view()], {}, bot)).status).toBe(202)
  expect(await countEvents()).toBe(before)
})

test("an event is stored when its answer says so, and once however often it is sent", async () => {
  const before = await countEvents()
  const delivery = "d".repeat(32)
  const event = view()
  expect((await sendEvents([event], { delivery })).status).toBe(202)
  expect(await countEvents()).toBe(before + 1)
  expect((await sendEvents([event], { delivery })).status).toBe(202)
  expect(await countEvents()).toBe(before + 1)
})

test("the same delivery id from another shop is another delivery", async () => {
  const delivery = "e".repeat(32)
  await sendEvents([view()], { delivery })
  const before = await countEvents(otherShopId)
  await sendEvents([view()], { delivery, shop: "other-shop.myshopify.com" })
  expect(await countEvents(otherShopId)).toBe(before + 1)
})

test("a visitor who is logged in is the customer that Shopify signed", async () => {
  await sendEvents([view("MUG-3")], { customer: "1001" })
  const identities = await withShop(shopId, (tx) =>
    tx.shopperIdentity.findMany({ where: { shopId, kind: "customer" } }),
  )
  expect(identities).toHaveLength(1)
  const events = await withShop(shopId, (tx) =>
    tx.event.findMany({
      where: { shopId, type: EVENT_TYPE_CODES.product_view, shopperId: identities[0]?.shopperId ?? 0n },
    }),
  )
  expect(events).toHaveLength(1)
})

test("a customer in the body is refused: only Shopify's signature names one", async () => {
  const body = JSON.stringify({
    delivery: "f".repeat(32),
    visitor: BROWSER,
    customer: "1001",
    events: [view()],
  })
  expect((await sendEvents([], { body })).status).toBe(400)
})

test("a purchase from a page is refused and nothing of its delivery is stored", async () => {
  const before = await countEvents()
  const purchase = { type: "purchase", at: Date.now(), product: "MUG-1" }
  expect((await sendEvents([view(), purchase])).status).toBe(400)
  expect(await countEvents()).toBe(before)
})

test("a product that the shop does not have makes no product", async () => {
  const products = () => withShop(shopId, (tx) => tx.product.count({ where: { shopId } }))
  const before = await products()
  expect((await sendEvents([view("made-up")])).status).toBe(202)
  expect(await products()).toBe(before)
})

test("a body over the cap is too large", async () => {
  const body = JSON.stringify({
    delivery: "0".repeat(32),
    visitor: BROWSER,
    events: [view()],
    pad: "x".repeat(20_000),
  })
  expect((await sendEvents([], { body })).status).toBe(413)
})

test("a body that is no JSON is a bad request", async () => {
  expect((await sendEvents([], { body: "{" })).status).toBe(400)
})

test("one address that asks without end is told to wait; another is answered", async () => {
  const headers = { "X-Forwarded-For": "203.0.113.7" }
  const ask = async () => (await askBlock({ query: { count: "99" } }, headers)).status
  const statuses: number[] = []
  // All at once: asked one by one on a slow machine, the bucket fills as fast as it is emptied.
  while (!statuses.includes(429) && statuses.length < 3_000)
    statuses.push(...(await Promise.all(Array.from({ length: 200 }, ask))))
  expect(statuses.filter((status) => status === 400).length).toBeGreaterThanOrEqual(300)
  expect(statuses).toContain(429)
  expect((await askBlock()).status).toBe(200)
})
