import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { Session } from "@shopify/shopify-api"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, prismaWithoutShop, withShopSql } from "../db.server.ts"
import { adminOfShop } from "../shopify.server.ts"
import { applyAppLife } from "./app-life.server.ts"
import { sealedTokens } from "./sealed-sessions.server.ts"

testDatabase()

type Answer = { status: number; body: object }

/** The one thing that is not ours: Shopify's token endpoint and its Admin API. */
const shopify = createServer(async (request, response) => {
  const body = Object(await json(request))
  const isToken = request.url === "/admin/oauth/access_token"
  if (isToken) asked.push(body)
  const { status, body: answer } = isToken
    ? await answerRefresh(body)
    : adminAnswer(String(request.headers["x-shopify-access-token"]))
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer))
})

let asked: Record<string, string>[] = []
let answerRefresh: (body: Record<string, string>) => Promise<Answer>

const renewed = (number = 2): Answer => ({
  status: 200,
  body: {
    access_token: `shpat_${number}`,
    scope: "read_orders",
    expires_in: 3_600,
    refresh_token: `shprt_${number}`,
    refresh_token_expires_in: 7_776_000,
  },
})

/** Says under which token it was asked. */
const adminAnswer = (token: string): Answer => ({ status: 200, body: { data: { shop: { name: token } } } })

let shop: string
let shopId: number
let shops = 0

beforeAll(async () => {
  await new Promise<void>((done) => shopify.listen(0, "127.0.0.1", done))
  process.env.SIMULATED_SHOP_URL = `http://127.0.0.1:${(shopify.address() as AddressInfo).port}`
})
afterAll(() => {
  shopify.close()
  shopify.closeAllConnections()
})
beforeEach(async () => {
  shop = `tokens-${++shops}.myshopify.com`
  shopId = await ensureShop(shop)
  asked = []
  answerRefresh = async () => renewed()
})

const MINUTE_MS = 60_000

async function giveToken(lastsMs: number, number = 1): Promise<void> {
  const session = new Session({
    id: `offline_${shop}`,
    shop,
    state: "",
    isOnline: false,
    accessToken: `shpat_${number}`,
    refreshToken: `shprt_${number}`,
  })
  const row = {
    ...(await sealedTokens(shopId, session)),
    shop,
    state: "",
    expires: new Date(Date.now() + lastsMs),
  }
  await prismaWithoutShop().shopifySession.upsert({
    where: { id: session.id },
    create: { id: session.id, ...row },
    update: row,
  })
}

const stored = () => prismaWithoutShop().shopifySession.findFirst({ where: { shop } })

/** The token under which the shop's admin is asked. */
async function tokenInUse(): Promise<string | null> {
  const admin = await adminOfShop(shop)
  if (!admin) return null
  return (await (await admin.graphql("query { shop { name } }")).json()).data.shop.name
}

test("a token that lasts is used as it is", async () => {
  await giveToken(30 * MINUTE_MS)
  expect(await tokenInUse()).toBe("shpat_1")
  expect(asked).toEqual([])
})

test.each([
  ["has run out", -60 * MINUTE_MS],
  ["is about to", 5.5 * MINUTE_MS],
])("a token that %s is renewed, and sealed at rest", async (_, lastsMs) => {
  await giveToken(lastsMs)
  expect(await tokenInUse()).toBe("shpat_2")
  expect(asked).toEqual([expect.objectContaining({ grant_type: "refresh_token", refresh_token: "shprt_1" })])
  expect(await tokenInUse()).toBe("shpat_2")
  expect(asked).toHaveLength(1)
  const row = await stored()
  expect(row?.scope).toBe("read_orders")
  expect(JSON.stringify(row)).not.toMatch(/shp[ar]t_/)
})

test("many jobs that need it at once renew it once", async () => {
  await giveToken(-MINUTE_MS)
  expect(new Set(await Promise.all(Array.from({ length: 5 }, tokenInUse)))).toEqual(new Set(["shpat_2"]))
  expect(asked).toHaveLength(1)
})

test("what Shopify will not renew is null, and is not asked for again", async () => {
  await giveToken(-MINUTE_MS)
  answerRefresh = async () => ({ status: 400, body: { error: "invalid_grant" } })
  expect(await tokenInUse()).toBeNull()
  expect(await tokenInUse()).toBeNull()
  expect(asked).toHaveLength(1)
})

test("a token that still lasts some minutes is used to its end", async () => {
  await giveToken(3 * MINUTE_MS)
  answerRefresh = async () => ({ status: 400, body: { error: "invalid_grant" } })
  expect(await tokenInUse()).toBe("shpat_1")
})

test.each<[string, Answer]>([
  ["does not answer", { status: 503, body: {} }],
  ["does not know the app's secret", { status: 400, body: { error: "invalid_client" } }],
])("where Shopify %s the job is tried again, and the token kept", async (_, answer) => {
  await giveToken(-MINUTE_MS)
  answerRefresh = async () => answer
  await expect(adminOfShop(shop)).rejects.toMatchObject({ code: "unavailable" })
  answerRefresh = async () => renewed()
  expect(await tokenInUse()).toBe("shpat_2")
})

test("a shop that leaves while its token is renewed has none afterwards", async () => {
  await giveToken(-MINUTE_MS)
  answerRefresh = async () => {
    const at = new Date(Date.now() + 1_000)
    const body = JSON.stringify({ myshopify_domain: shop })
    await withShopSql(shopId, (client) =>
      applyAppLife(client, shopId, { topic: "app/uninstalled", body, triggeredAt: at, receivedAt: at }),
    )
    return renewed()
  }
  expect(await tokenInUse()).toBeNull()
  expect(await stored()).toBeNull()
})

test.each<[string, () => Answer]>([
  ["renewed too", () => renewed(3)],
  ["refused", () => ({ status: 400, body: { error: "invalid_grant" } })],
])("where another process was quicker, its token is used: ours was %s", async (_, late) => {
  await giveToken(-MINUTE_MS)
  answerRefresh = async () => {
    await giveToken(60 * MINUTE_MS, 2)
    return late()
  }
  expect(await tokenInUse()).toBe("shpat_2")
})

test("a shop without a token, and one that nobody knows, have no admin", async () => {
  expect(await adminOfShop(shop)).toBeNull()
  expect(await adminOfShop("stranger.myshopify.com")).toBeNull()
})
