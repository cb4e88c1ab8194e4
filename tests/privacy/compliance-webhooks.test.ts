/** Shopify's three compliance messages through the real door, and the file through the real admin. */
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import express from "express"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { processPending } from "../../app/capture/work-inbox.server.ts"
import { ensureShop, prismaWithoutShop, shopIdOf, withShopSql } from "../../app/db.server.ts"
import { closeQueue } from "../../app/jobs/open-queue.server.ts"
import { settlePrivacyRequests } from "../../app/jobs/settle-privacy-requests.ts"
import { loader as pageLoader } from "../../app/routes/app.privacy.tsx"
import { loader as answerLoader } from "../../app/routes/app.privacy_.answer.ts"
import { action } from "../../app/routes/webhooks.ts"
import { testDatabase } from "../support/database.ts"
import { mountAdmin } from "../support/shop/admin/mount-admin.ts"
import { makeSessionToken } from "../support/shop/admin/session-token.ts"
import { webhookRequest } from "../support/shop/sign-webhook.ts"
import { makeShopState, type ShopState } from "../support/shop/state.ts"
import { addPerson, person, personalWords, privacyBody } from "./person.ts"

testDatabase()

let shops = 0
let shop: string
let shopId: number
let state: ShopState
let listening: Server
let current = express()

beforeAll(async () => {
  const server = express()
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
beforeEach(async () => {
  shop = `compliance-${++shops}.myshopify.com`
  shopId = await ensureShop(shop)
  state = makeShopState({ domain: shop, apiKey: "test-api-key", apiSecret: "test-api-secret" })
  current = express()
  mountAdmin(current, state)
  state.install(["write_products", "read_orders"])
})

const tokenOf = (userId: string) => makeSessionToken(state, Date.now(), userId)

/** A member of staff asks for a path of the app, as App Bridge's fetch does. */
function asStaff(path: string, userId = "42"): Request {
  const headers = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0 Safari/537.36",
    authorization: `Bearer ${tokenOf(userId)}`,
  }
  return new Request(`https://app.test${path}`, { headers })
}

const answer = (request: Request) => answerLoader({ request, params: {}, context: {} }) as Promise<Response>
const page = (request: Request) => pageLoader({ request, params: {}, context: {} })

async function webhook(topic: string, body: string): Promise<number> {
  const request = webhookRequest({
    url: "https://app.test/webhooks",
    topic,
    shop,
    body,
    secret: "test-api-secret",
  })
  const { status } = await action({ request, params: {}, context: {} })
  await processPending(shopId, 10)
  return status
}

const settle = () => settlePrivacyRequests(shopId, new Date())
const sql = async (text: string) => (await withShopSql(shopId, (client) => client.query(text))).rows

/** As if nobody had opened the app for months. */
async function endTokens(): Promise<void> {
  state.expireAccessTokens()
  state.revokeRefreshTokens()
  await prismaWithoutShop().shopifySession.updateMany({ data: { expires: new Date(Date.now() - 1_000) } })
}

test("a person's file goes from Shopify's message to the staff member who downloads it, and to nobody else", async () => {
  const one = person(31)
  await addPerson(shopId, one)
  expect(await webhook("customers/data_request", privacyBody(shop, one, { data_request: { id: 99 } }))).toBe(
    200,
  )
  await settle()

  const shown = await page(asStaff("/app/privacy"))
  expect(shown.requests).toMatchObject([
    { requestId: "data_request-99", kind: "data_request", state: "ready", file: true, overdue: false },
  ])
  for (const word of personalWords(one)) expect(JSON.stringify(shown)).not.toContain(word)

  const file = await answer(asStaff("/app/privacy/answer?request=data_request-99"))
  expect(file.status).toBe(200)
  expect(file.headers.get("content-disposition")).toContain("attachment")
  expect(file.headers.get("cache-control")).toBe("private, no-store")
  const html = await file.text()
  for (const word of personalWords(one)) expect(html).toContain(word)
  expect((await page(asStaff("/app/privacy"))).accesses).toMatchObject([
    { actor: "staff:42", action: "read_data_request" },
    { actor: "job:settle_privacy_requests", action: "collect_data_request" },
  ])

  // Another shop's staff, with a good token of their own.
  const other = makeShopState({
    domain: "nosy.myshopify.com",
    apiKey: "test-api-key",
    apiSecret: "test-api-secret",
  })
  current = express()
  mountAdmin(current, other)
  other.install(["read_orders"])
  state = other
  const refused = await answer(asStaff("/app/privacy/answer?request=data_request-99", "7"))
  expect(refused.status).toBe(404)
  expect(await refused.text()).not.toContain(one.email)
})

test("without a session of the admin there is no file", async () => {
  const request = new Request("https://app.test/app/privacy/answer?request=data_request-99", {
    headers: {
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0",
      authorization: "Bearer e30.e30.e30",
    },
  })
  await expect(answer(request)).rejects.toMatchObject({ status: 401 })
})

test("a person is erased though the shop's token expired and is renewed no more", async () => {
  await page(asStaff("/app/privacy"))
  const one = person(32)
  await addPerson(shopId, one)
  await endTokens()
  expect(await webhook("customers/redact", privacyBody(shop, one))).toBe(200)
  await settle()
  expect(await sql("SELECT state FROM privacy_requests")).toEqual([{ state: "done" }])
  for (const table of ["shoppers", "shopper_identities", "events", "vault.shopper_keys"])
    expect(await sql(`SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 0 }])
})

const shopRedact = () => webhook("shop/redact", JSON.stringify({ shop_id: 1, shop_domain: shop }))

test("a shop that has the app is not erased by a message, whoever sends it again", async () => {
  await page(asStaff("/app/privacy"))
  await shopRedact()
  await settle()
  expect(await shopIdOf(shop)).toBe(shopId)
  expect(await sql("SELECT state FROM privacy_requests")).toEqual([{ state: "refused" }])
})

test("a shop that left is erased, its tokens with it", async () => {
  await page(asStaff("/app/privacy"))
  await addPerson(shopId, person(33))
  state.uninstall()
  await webhook("app/uninstalled", JSON.stringify({ myshopify_domain: shop }))
  await shopRedact()
  await settle()
  expect(await shopIdOf(shop)).toBe(null)
  expect(await prismaWithoutShop().shopifySession.count({ where: { shop } })).toBe(0)
})

test("a shop whose uninstall was never told is erased: Shopify takes its token no more", async () => {
  await page(asStaff("/app/privacy"))
  state.uninstall()
  await shopRedact()
  await settle()
  expect(await shopIdOf(shop)).toBe(null)
})

test("one shop's message, sent again as another's, does nothing", async () => {
  await addPerson(shopId, person(34))
  await webhook("customers/redact", privacyBody("compliance-1.myshopify.com", person(34)))
  await webhook("shop/redact", JSON.stringify({ shop_id: 1, shop_domain: "compliance-1.myshopify.com" }))
  await settle()
  expect(await sql("SELECT count(*)::int AS n FROM privacy_requests")).toEqual([{ n: 0 }])
  expect(await sql("SELECT count(*)::int AS n FROM shoppers")).toEqual([{ n: 3 }])
})
