import { beforeEach, expect, test } from "vitest"
import { type Body, postAction, twoShops, worthlessTokens } from "../../tests/support/admin-actions.ts"
import { testDatabase } from "../../tests/support/database.ts"
import { makeSessionToken } from "../../tests/support/shop/admin/session-token.ts"
import type { ShopState } from "../../tests/support/shop/state.ts"
import { listSharingShopIds } from "../shop/training-sharing.server.ts"
import { readPrivacyPage } from "../surface/privacy-page.server.ts"
import { action } from "./app.privacy.tsx"

testDatabase()

const { mine, others, shops, idOf, install, sqlOf } = twoShops(["read_orders"])
const ON = { intent: "share_training", share: "on" }
const OFF = { intent: "share_training", share: "off" }

beforeEach(async () => {
  for (const state of shops) {
    await install(state)
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

const post = (body: Body, token = makeSessionToken(mine, Date.now()), type?: string) =>
  postAction(action, "/app/privacy", { body, token, type })

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
  await install(mine)
  await sqlOf(mine, `UPDATE shops SET settings = '{"sharedModel": {"share": "yes"}}' WHERE shop_id = $1`)
  expect(await listSharingShopIds()).toEqual([])
})

test("who is nobody, or signed by nobody, changes nothing", async () => {
  for (const token of worthlessTokens(mine)) {
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
