import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { databasePool, ensureShop, withShop } from "../db.server.ts"
import { SHOPPER_FEATURES, type ShopperFeature } from "./shopper-features.ts"
import { storeShopperFeatures } from "./store-features.server.ts"

testDatabase()

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 5)
const asOf = new Date(START_MS + 10 * DAY_MS)

const addShopper = async (shopId: number, data: { mergedInto?: bigint; bot?: boolean } = {}) =>
  (await withShop(shopId, (tx) => tx.shopper.create({ data: { shopId, ...data } }))).shopperId

async function addEvent(
  shopId: number,
  shopperId: bigint,
  day: number,
  type: EventType,
  priceCents?: number,
) {
  const at = new Date(START_MS + day * DAY_MS)
  await databasePool().query("SELECT ensure_event_partitions($1, $1)", [at])
  const code = EVENT_TYPE_CODES[type]
  await withShop(shopId, (tx) =>
    tx.event.create({
      data: {
        shopId,
        shopperId,
        at,
        receivedAt: at,
        eventKey: randomUUID(),
        type: code,
        priceCents,
        quantity: 1,
      },
    }),
  )
}

const stored = (shopId: number) =>
  withShop(shopId, (tx) => tx.shopperFeatures.findMany({ orderBy: { shopperId: "asc" } }))
const featureOf = (row: { values: number[] } | undefined, name: ShopperFeature) =>
  row?.values[SHOPPER_FEATURES.indexOf(name)]

test("a person's browsers share one row, bots have none, and a second run replaces the first", async () => {
  const shopId = await ensureShop("features.myshopify.com")
  const person = await addShopper(shopId)
  const browser = await addShopper(shopId, { mergedInto: person })
  await addEvent(shopId, await addShopper(shopId, { bot: true }), 1, "product_view")
  await addEvent(shopId, browser, 1, "product_view")
  await addEvent(shopId, person, 4, "purchase", 1_250)

  expect(await storeShopperFeatures(shopId, { asOf })).toBe(1)
  const [row, ...others] = await stored(shopId)
  expect(others).toEqual([])
  expect(row?.shopperId).toBe(person)
  expect(featureOf(row, "days_since_last_purchase")).toBe(6)
  expect(featureOf(row, "purchase_cents")).toBe(1_250)
  expect(featureOf(row, "events_browse")).toBe(1)

  await storeShopperFeatures(shopId, { asOf: new Date(asOf.getTime() + DAY_MS) })
  expect((await stored(shopId)).map((again) => featureOf(again, "days_since_last_purchase"))).toEqual([7])
})

test("who was joined to another person since loses the row", async () => {
  const shopId = await ensureShop("joined.myshopify.com")
  const [person, browser] = [await addShopper(shopId), await addShopper(shopId)]
  await addEvent(shopId, person, 1, "product_view")
  await addEvent(shopId, browser, 2, "product_view")
  expect(await storeShopperFeatures(shopId, { asOf })).toBe(2)

  await withShop(shopId, (tx) =>
    tx.shopper.updateMany({ where: { shopId, shopperId: browser }, data: { mergedInto: person } }),
  )
  await storeShopperFeatures(shopId, { asOf: new Date(asOf.getTime() + 1) })
  const rows = await stored(shopId)
  expect(rows.map((row) => row.shopperId)).toEqual([person])
  expect(featureOf(rows[0], "events_browse")).toBe(2)
})

test("features of one shop are computed from its events alone", async () => {
  const [one, two] = [await ensureShop("one.myshopify.com"), await ensureShop("two.myshopify.com")]
  await addEvent(one, await addShopper(one), 1, "product_view")
  expect(await storeShopperFeatures(two, { asOf })).toBe(0)
  expect(await stored(one)).toEqual([])
})
