import { expect, test } from "vitest"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import { ageJourneys } from "../../app/journey/age-journeys.server.ts"
import { readJourneyMap } from "../../app/journey/journey-map.server.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { testDatabase } from "../support/database.ts"
import { type EventRow, insertEvents, makeShoppers } from "./event-rows.ts"

testDatabase()

const START = Date.UTC(2026, 1, 2, 10)
const DAY_MS = 86_400_000
const day = (number: number) => new Date(START + number * DAY_MS)
const SESSION = "00000000-0000-4000-8000-000000000001"

let shops = 0
async function makeShop(shopperCount: number) {
  shops += 1
  const shopId = await ensureShop(`standing-${shops}.myshopify.com`)
  return { shopId, shoppers: await makeShoppers(shopId, shopperCount) }
}

const event = (
  shopper: string | undefined,
  type: EventRow["type"],
  dayNumber: number,
  more = {},
): EventRow => ({
  shopper: shopper ?? "",
  type,
  atMs: START + dayNumber * DAY_MS,
  ...more,
})

async function people(shopId: number) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ id: string; merged_into: string | null; lifecycle: string | null }>(
      "SELECT shopper_id AS id, merged_into, lifecycle FROM shoppers ORDER BY shopper_id",
    ),
  )
  return rows
}

async function visitsByPerson(shopId: number) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ id: string; visits: number }>(
      "SELECT shopper_id AS id, count(*)::int AS visits FROM sessions GROUP BY 1 ORDER BY 1",
    ),
  )
  return rows
}

test("a login joins what the browser did before, and a second person on it parts them again", async () => {
  const { shopId, shoppers } = await makeShop(3)
  const [browser, anna, ben] = shoppers
  await insertEvents(shopId, [
    event(browser, "page_view", 0),
    event(browser, "page_view", 5, { session: SESSION }),
  ])
  await updateJourneys(shopId, { asOf: day(6) })
  expect(await visitsByPerson(shopId)).toEqual([{ id: browser, visits: 2 }])

  await insertEvents(shopId, [event(anna, "login", 5.001, { session: SESSION })])
  expect(await updateJourneys(shopId, { asOf: day(6) })).toMatchObject({ moved: 1 })
  expect(await visitsByPerson(shopId)).toEqual([{ id: anna, visits: 2 }])

  await insertEvents(shopId, [event(ben, "login", 5.002, { session: SESSION })])
  await updateJourneys(shopId, { asOf: day(6) })
  expect(await visitsByPerson(shopId)).toEqual([
    { id: browser, visits: 2 },
    { id: anna, visits: 1 },
    { id: ben, visits: 1 },
  ])
})

test("a browser merged by name stays with its person, and takes its visits along", async () => {
  const { shopId, shoppers } = await makeShop(2)
  const [browser, anna] = shoppers
  await insertEvents(shopId, [event(browser, "page_view", 0), event(anna, "login", 3)])
  await updateJourneys(shopId, { asOf: day(4) })
  await withShopSql(shopId, (client) =>
    client.query("UPDATE shoppers SET merged_into = $1 WHERE shopper_id = $2", [anna, browser]),
  )
  await insertEvents(shopId, [event(browser, "product_view", 3.5)])
  await updateJourneys(shopId, { asOf: day(4) })
  expect(await visitsByPerson(shopId)).toEqual([{ id: anna, visits: 3 }])
  expect((await people(shopId))[0]).toMatchObject({ merged_into: anna })
})

test("silence alone moves customers on and abandons journeys", async () => {
  const { shopId, shoppers } = await makeShop(1)
  const [anna] = shoppers
  await insertEvents(shopId, [event(anna, "purchase", 0), event(anna, "page_view", 3)])
  const states = async () => {
    const { rows } = await withShopSql(shopId, (client) =>
      client.query<{ outcome: string }>("SELECT outcome FROM journeys ORDER BY started_at"),
    )
    return [(await people(shopId))[0]?.lifecycle, ...rows.map((row) => row.outcome)]
  }
  await updateJourneys(shopId, { asOf: day(10) })
  expect(await states()).toEqual(["new", "purchased", "open"])
  await ageJourneys(shopId, { asOf: day(34) })
  expect(await states()).toEqual(["new", "purchased", "abandoned"])
  // Nobody came, but a day has passed: an update looks after it by itself.
  await updateJourneys(shopId, { asOf: day(150) })
  expect(await states()).toEqual(["at_risk", "purchased", "abandoned"])
})

test("a new fit of the shop's rhythm counts everybody anew", async () => {
  const { shopId, shoppers } = await makeShop(1)
  const [anna] = shoppers
  await insertEvents(
    shopId,
    [0, 10, 20, 30].map((number) => event(anna, "purchase", number)),
  )
  await updateJourneys(shopId, { asOf: day(62) })
  expect((await people(shopId))[0]?.lifecycle).toBe("at_risk")
  const bgnbd = { r: 0.6, alpha: 200, a: 0.1, b: 9 }
  expect(await updateJourneys(shopId, { asOf: day(62), bgnbd })).toMatchObject({ shoppers: 1 })
  expect((await people(shopId))[0]?.lifecycle).toBe("active")
  expect(await updateJourneys(shopId, { asOf: day(62), bgnbd })).toMatchObject({ shoppers: 0 })
})

test("another shop's visits are in no map of this one", async () => {
  const [here, there] = [await makeShop(1), await makeShop(1)]
  await insertEvents(here.shopId, [event(here.shoppers[0], "page_view", 0)])
  await insertEvents(there.shopId, [
    event(there.shoppers[0], "page_view", 0),
    event(there.shoppers[0], "search", 1),
  ])
  for (const { shopId } of [here, there]) await updateJourneys(shopId, { asOf: day(2) })
  const query = { from: "2026-02-01", to: "2026-02-28", segment: "all", start: null, end: null }
  expect((await readJourneyMap(here.shopId, query)).visits).toBe(1)
  expect((await readJourneyMap(there.shopId, query)).visits).toBe(2)
})

test("a period counts whole days, both ends included", async () => {
  const { shopId, shoppers } = await makeShop(1)
  await insertEvents(
    shopId,
    [0, 1, 2, 3].map((number) => event(shoppers[0], "page_view", number)),
  )
  await updateJourneys(shopId, { asOf: day(4) })
  const query = { from: "2026-02-03", to: "2026-02-04", segment: "all", start: null, end: null }
  const map = await readJourneyMap(shopId, query)
  expect(map.visits).toBe(2)
  const browse = map.stages.find(({ stage }) => stage === "browse")
  expect(browse?.steps.find(({ step }) => step === "page_view")).toMatchObject({
    visits: 2,
    began: 2,
    ended: 2,
  })
})
