import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { startSimulatedAdmins } from "../../tests/security/attacks/simulated-admins.ts"
import { testDatabase } from "../../tests/support/database.ts"
import { makeSessionToken } from "../../tests/support/shop/admin/session-token.ts"
import { makeShopState, type ShopState } from "../../tests/support/shop/state.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { recordInstall } from "../shop/install.server.ts"
import { listSharingShopIds } from "../shop/training-sharing.server.ts"
import { readPrivacyPage } from "../surface/privacy-page.server.ts"
import { action } from "./app.privacy.tsx"

testDatabase()

const SCOPES = ["read_orders"]
const shops = ["one", "two"].map((name) => {
  const domain = `${name}-${randomUUID().slice(0, 8)}.myshopify.com`
  const state = makeShopState({ domain, apiKey: "test-api-key", apiSecret: "test-api-secret" })
  state.install(SCOPES)
  return state
})
const [mine, others] = shops as [ShopState, ShopState]
const ON = { intent: "share_training", share: "on" }
const OFF = { intent: "share_training", share: "off" }
let closeAdmins: () => Promise<void>

beforeAll(async () => {
  const admins = await startSimulatedAdmins(shops)
  process.env.SIMULATED_SHOP_URL = admins.url
  closeAdmins = admins.close
})
afterAll(() => closeAdmins())

const idOf = (state: ShopState) => ensureShop(state.store.shop.domain)
const sqlOf = async (state: ShopState, text: string) => {
  const shopId = await idOf(state)
  return (await withShopSql(shopId, (client) => client.query(text, [shopId]))).rows
}

beforeEach(async () => {
  for (const state of shops) {
    await recordInstall(state.store.shop.domain, SCOPES, new Date())
    await sqlOf(state, `UPDATE shops SET settings = '{"experiment": {"holdoutShare": 0}}' WHERE shop_id = $1`)
    await sqlOf(state, "DELETE FROM access_log WHERE shop_id = $1")
  }
})

const settingsOf = async (state: ShopState) =>
  (await sqlOf(state, "SELECT settings FROM shops WHERE shop_id = $1"))[0]?.settings
const noted = async (state: ShopState) =>
  (await sqlOf(state, "SELECT actor, action FROM access_log WHERE shop_id = $1 ORDER BY access_id")).map(
    (row) => `${row.actor} ${row.action}`,
  )

type Body = Record<string, string> | string

async function post(body: Body, token = makeSessionToken(mine, Date.now()), type?: string): Promise<number> {
  const request = new Request("https://app.test/app/privacy", {
    method: "POST",
    headers: {
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/147.0.0.0 Safari/537.36",
      "Content-Type": type ?? "application/x-www-form-urlencoded",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: typeof body === "string" ? body : new URLSearchParams(body).toString(),
  })
  try {
    return (await action({ request, params: {}, context: {} })).status
  } catch (thrown) {
    if (thrown instanceof Response) return thrown.status
    throw thrown
  }
}

test("a shop shares nothing unless it was turned on", async () => {
  expect(await listSharingShopIds()).toEqual([])
  expect((await readPrivacyPage(await idOf(mine), { asOf: new Date() })).sharesTraining).toBe(false)
})

test("turned on it shares, on record with who did it, and other settings stay", async () => {
  expect(await post(ON)).toBe(200)
  expect(await listSharingShopIds()).toEqual([await idOf(mine)])
  expect(await settingsOf(mine)).toEqual({ experiment: { holdoutShare: 0 }, sharedModel: { share: true } })
  expect(await noted(mine)).toEqual([expect.stringMatching(/^staff:\d+ started_sharing_training_rows$/)])
  expect((await readPrivacyPage(await idOf(mine), { asOf: new Date() })).sharesTraining).toBe(true)
})

test("turned off it shares no longer; a click that changes nothing is not noted", async () => {
  for (const body of [ON, ON, OFF, OFF]) expect(await post(body)).toBe(200)
  expect(await listSharingShopIds()).toEqual([])
  expect((await noted(mine)).map((entry) => entry.split(" ")[1])).toEqual([
    "started_sharing_training_rows",
    "stopped_sharing_training_rows",
  ])
})

test("the shop is the token's, whatever else the request names", async () => {
  const shopId = String(await idOf(others))
  expect(await post({ ...ON, shop: others.store.shop.domain, shopId })).toBe(200)
  expect(await listSharingShopIds()).toEqual([await idOf(mine)])
  expect(await noted(others)).toEqual([])
})

test("a shop that left does not share, and a setting that cannot be read counts as off", async () => {
  await post(ON)
  await sqlOf(mine, "UPDATE shops SET uninstalled_at = now() WHERE shop_id = $1")
  expect(await listSharingShopIds()).toEqual([])
  await recordInstall(mine.store.shop.domain, SCOPES, new Date())
  await sqlOf(mine, `UPDATE shops SET settings = '{"sharedModel": {"share": "yes"}}' WHERE shop_id = $1`)
  expect(await listSharingShopIds()).toEqual([])
})

test("who is nobody, or signed by nobody, changes nothing", async () => {
  const [head, body] = makeSessionToken(mine, Date.now()).split(".")
  const late = makeSessionToken(mine, Date.now() - 600_000)
  for (const token of ["", "e30.e30.e30", `${head}.${body}.AAAA`, late]) {
    const status = await post(ON, token)
    expect([token, status >= 300 && status < 500]).toEqual([token, true])
  }
  expect(await listSharingShopIds()).toEqual([])
})

test("what is no wish is refused", async () => {
  const bodies: [Body, string?][] = [
    [{}],
    [{ intent: "share_training" }],
    [{ intent: "share_training", share: "yes" }],
    [{ intent: "erase", share: "on" }],
    ['{"intent":"share_training","share":"on"}', "application/json"],
    ["intent=share_training", "multipart/form-data; boundary="],
  ]
  for (const [body, type] of bodies) expect([body, await post(body, undefined, type)]).toEqual([body, 400])
  expect(await listSharingShopIds()).toEqual([])
  expect(await noted(mine)).toEqual([])
})
