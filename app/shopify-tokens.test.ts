import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import express from "express"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { testDatabase } from "../tests/support/database.ts"
import { mountAdmin } from "../tests/support/shop/admin/mount-admin.ts"
import { makeSessionToken } from "../tests/support/shop/admin/session-token.ts"
import { webhookRequest } from "../tests/support/shop/sign-webhook.ts"
import { makeShopState, type ShopState } from "../tests/support/shop/state.ts"
import { findShop, prismaWithoutShop, withShopSql } from "./db.server.ts"
import { closeQueue } from "./jobs/open-queue.server.ts"
import { action } from "./routes/webhooks.ts"
import { adminOfShop, authenticateAdmin } from "./shopify.server.ts"

testDatabase()

const SHOP = "tokens.myshopify.com"
const SCOPES = ["write_products", "read_orders"]

let state: ShopState
let listening: Server

beforeAll(async () => {
  const server = express()
  // A shop for each test, at one address.
  server.use((request, response, next) => current(request, response, next))
  listening = await new Promise((done) => {
    const opened = server.listen(0, "127.0.0.1", () => done(opened))
  })
  process.env.SIMULATED_SHOP_URL = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
})
afterAll(async () => {
  listening.close()
  listening.closeAllConnections()
  await closeQueue()
})

let current = express()
beforeEach(async () => {
  await prismaWithoutShop().shopifySession.deleteMany()
  state = makeShopState({ domain: SHOP, apiKey: "test-api-key", apiSecret: "test-api-secret" })
  current = express()
  mountAdmin(current, state)
  state.install(SCOPES)
})

/** A member of staff opens the app in the admin. */
function openApp(userId = "1") {
  const query = new URLSearchParams({
    embedded: "1",
    shop: SHOP,
    host: Buffer.from("admin.shopify.com/store/tokens").toString("base64url"),
    id_token: makeSessionToken(state, Date.now(), userId),
  })
  const headers = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0 Safari/537.36" }
  return authenticateAdmin(new Request(`https://app.test/app?${query}`, { headers }))
}

/** What the shop answers to work outside a request. */
async function askShop(): Promise<string | null> {
  const admin = await adminOfShop(SHOP)
  if (!admin) return null
  const answer = await admin.graphql("#graphql\n query ShopDomain { shop { myshopifyDomain } }")
  return (await answer.json()).data.shop.myshopifyDomain
}

const hourPasses = () =>
  prismaWithoutShop().shopifySession.updateMany({ data: { expires: new Date(Date.now() - 1_000) } })

const uninstall = () =>
  action({
    request: webhookRequest({
      url: "https://app.test/webhooks",
      topic: "app/uninstalled",
      shop: SHOP,
      body: JSON.stringify({ myshopify_domain: SHOP }),
      secret: "test-api-secret",
    }),
    params: {},
    context: {},
  })

test("who opens the app is known by number, and work outside a request may then ask the shop", async () => {
  expect(await askShop()).toBeNull()
  const { shopDomain, staffId } = await openApp("42")
  expect({ shopDomain, staffId }).toEqual({ shopDomain: SHOP, staffId: "42" })
  expect(await askShop()).toBe(SHOP)
})

test("after its hour the token is renewed, again and again", async () => {
  await openApp()
  for (let hours = 0; hours < 3; hours++) {
    await hourPasses()
    state.expireAccessTokens()
    expect(await askShop()).toBe(SHOP)
  }
})

test("a token that Shopify ended early is renewed at the first refusal", async () => {
  await openApp()
  state.expireAccessTokens()
  expect(await askShop()).toBe(SHOP)
})

test("work that outlasts its token goes on under the next", async () => {
  await openApp()
  const admin = await adminOfShop(SHOP)
  for (let hours = 0; hours < 3; hours++) {
    state.expireAccessTokens()
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        admin?.graphql("#graphql\n query ShopDomain { shop { myshopifyDomain } }"),
      ),
    )
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200, 200])
  }
  expect(await prismaWithoutShop().shopifySession.count()).toBe(1)
})

test("when Shopify renews no more there is no admin, until somebody opens the app", async () => {
  await openApp()
  state.revokeRefreshTokens()
  state.expireAccessTokens()
  await hourPasses()
  expect(await askShop()).toBeNull()
  await openApp()
  expect(await askShop()).toBe(SHOP)
})

test("members of staff who open the app at once share one token that works", async () => {
  const opened = await Promise.all(["1", "2", "3"].map(openApp))
  expect(new Set(opened.map(({ shopId }) => shopId)).size).toBe(1)
  expect(await prismaWithoutShop().shopifySession.count()).toBe(1)
  expect(await askShop()).toBe(SHOP)
})

test("a shop that left and came back is asked under its new token", async () => {
  await openApp()
  state.uninstall()
  expect((await uninstall()).status).toBe(200)
  expect(await askShop()).toBeNull()
  state.install(["read_orders"])
  await openApp()
  expect(await askShop()).toBe(SHOP)
})

test("a lost message of an uninstall leaves no token in use: the shop takes it no more", async () => {
  await openApp()
  state.uninstall()
  await expect(askShop()).rejects.toThrow()
  await hourPasses()
  expect(await askShop()).toBeNull()
})

test("what the merchant allows comes with the token", async () => {
  await openApp()
  state.changeScopes([...SCOPES, "read_all_orders"])
  await hourPasses()
  await openApp()
  const shop = await findShop(SHOP)
  const { rows } = await withShopSql(shop?.shopId ?? 0, (client) => client.query("SELECT scopes FROM shops"))
  expect(rows).toEqual([{ scopes: "read_all_orders,read_orders,write_products" }])
})

test("nothing of a member of staff but the number is kept", async () => {
  await openApp()
  const session = await prismaWithoutShop().shopifySession.findFirstOrThrow()
  expect([session.email, session.firstName, session.lastName, session.userId]).toEqual([
    null,
    null,
    null,
    null,
  ])
})
