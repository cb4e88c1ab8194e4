import fc from "fast-check"
import { beforeAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { resolveNames } from "../capture/shopper-names.server.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { type ConsentWord, mayCapture, mayMail, setCaptureConsent, setConsents } from "./consent.server.ts"
import { shopKeys } from "./keys.server.ts"

testDatabase()

let shopId: number
let otherShop: number
let names = 0

beforeAll(async () => {
  shopId = await ensureShop("consent.myshopify.com")
  otherShop = await ensureShop("other-consent.myshopify.com")
})

async function newShopper(kind: "customer" | "browser" = "customer", shop = shopId) {
  const name = `name-${++names}`
  const keys = await shopKeys(shop)
  const found = await withShopSql(shop, (client) => resolveNames(client, shop, keys, kind, [name]))
  return { name, shopperId: found.get(name)?.shopperId ?? 0n }
}

const word = (shopperId: bigint, granted: boolean, versionMs: number): ConsentWord => ({
  shopperId,
  purpose: "email",
  granted,
  versionMs,
  source: "webhook",
})
const say = (...words: ConsentWord[]) => withShopSql(shopId, (client) => setConsents(client, shopId, words))
const mail = (shopperId: bigint) => withShopSql(shopId, (client) => mayMail(client, shopId, shopperId))

test("who said nothing is not mailed; who agreed is; who withdrew is not, from then on", async () => {
  const { shopperId } = await newShopper()
  expect(await mail(shopperId)).toBe(false)
  await say(word(shopperId, true, 1_000))
  expect(await mail(shopperId)).toBe(true)
  await say(word(shopperId, false, 2_000))
  expect(await mail(shopperId)).toBe(false)
})

test("a word that comes late does not undo a newer one, and of two at one moment the withdrawal stands", async () => {
  const { shopperId } = await newShopper()
  await say(word(shopperId, false, 2_000))
  await say(word(shopperId, true, 1_000))
  expect(await mail(shopperId)).toBe(false)
  await say(word(shopperId, true, 2_000))
  expect(await mail(shopperId)).toBe(false)
})

test("in any order, once or repeated, alone or together, the same words end in the same answer", async () => {
  const words = fc.array(fc.record({ granted: fc.boolean(), versionMs: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(words, fc.boolean(), async (said, together) => {
      const { shopperId } = await newShopper()
      const all = said.map(({ granted, versionMs }) => word(shopperId, granted, versionMs))
      if (together) await say(...all)
      else for (const one of all) await say(one)
      const newest = Math.max(...said.map(({ versionMs }) => versionMs))
      const expected = said.filter(({ versionMs }) => versionMs === newest).every(({ granted }) => granted)
      expect(await mail(shopperId)).toBe(expected)
    }),
    { seed: 20261124, numRuns: 60 },
  )
})

test("a withdrawal by one of a person's names counts for the person", async () => {
  const [one, two] = [await newShopper(), await newShopper()]
  await withShopSql(shopId, (client) =>
    client.query("UPDATE shoppers SET merged_into = $2 WHERE shopper_id = $1", [
      String(two.shopperId),
      String(one.shopperId),
    ]),
  )
  await say(word(one.shopperId, true, 1_000), word(two.shopperId, false, 2_000))
  expect(await mail(one.shopperId)).toBe(false)
  expect(await mail(two.shopperId)).toBe(false)
})

test("a browser that takes its consent back is captured no more, until it gives it again; others go on", async () => {
  const keys = await shopKeys(shopId)
  const [one, two] = [await newShopper("browser"), await newShopper("browser")]
  const visit = ({ name }: { name: string }) => name
  const saying = (granted: boolean, versionMs: number) =>
    withShopSql(shopId, (client) =>
      setCaptureConsent(client, shopId, keys, visit(one), { granted, versionMs }),
    )
  expect(await mayCapture(shopId, keys, visit(one))).toBe(true)
  expect(await saying(false, 1_000)).toBe(true)
  expect(await mayCapture(shopId, keys, visit(one))).toBe(false)
  expect(await mayCapture(shopId, keys, visit(two))).toBe(true)
  await saying(true, 2_000)
  expect(await mayCapture(shopId, keys, visit(one))).toBe(true)
})

test("a visitor of whom nothing is held gets no row for having said no", async () => {
  const keys = await shopKeys(shopId)
  const recorded = await withShopSql(shopId, (client) =>
    setCaptureConsent(client, shopId, keys, "stranger", {
      granted: false,
      versionMs: 1_000,
    }),
  )
  expect(recorded).toBe(false)
})

test("the same name in another shop is another person", async () => {
  const here = await newShopper("browser")
  const there = await shopKeys(otherShop)
  const keys = await shopKeys(shopId)
  await withShopSql(shopId, (client) =>
    setCaptureConsent(client, shopId, keys, here.name, { granted: false, versionMs: 1_000 }),
  )
  expect(await mayCapture(otherShop, there, here.name)).toBe(true)
})
