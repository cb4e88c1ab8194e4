/** The pipeline against a shop whose truth is known: what it measures is what happened. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, expect, test } from "vitest"
import { importEvents } from "../../app/capture/import-events.server.ts"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import type { JourneyMap } from "../../app/journey/build-map.ts"
import { readJourneyMap } from "../../app/journey/journey-map.server.ts"
import { dayOf } from "../../app/journey/map-days.ts"
import { recountJourneyMap } from "../../app/journey/recount-journey-map.server.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { blindIndex, shopKeys } from "../../app/shop/keys.server.ts"
import { testDatabase } from "../support/database.ts"
import { writeDemoShop } from "../support/demo-shop/files.ts"
import { generateDemoShop } from "../support/demo-shop/generate.ts"
import { samplingInterval, type Truth } from "../support/demo-shop/truth.ts"
import { storedTables } from "./journey-tables.ts"

testDatabase()

/** Standard deviations that a right measurement stays within, but for 1 in 2,000. */
const Z = 3.5

let shopId: number
let truth: Truth
let map: JourneyMap
/** Each shopper of the file as the database has them, by the file's name. */
let shopperOf: (name: string) => { id: string; person: string; bot: boolean; known: boolean } | undefined

beforeAll(async () => {
  const shop = generateDemoShop({ shoppers: 1_000, seed: 23 })
  truth = shop.truth
  const folder = mkdtempSync(join(tmpdir(), "throughline-truth-"))
  await writeDemoShop(shop, folder, { images: false })
  shopId = await ensureShop("truth.myshopify.com")
  await importEvents(shopId, join(folder, "events.jsonl"), { nowMs: Date.now() })
  rmSync(folder, { recursive: true })
  await updateJourneys(shopId, { asOf: new Date(truth.endMs) })
  const [from, to] = [dayOf(truth.startMs - 86_400_000), dayOf(truth.endMs + 86_400_000)]
  map = await readJourneyMap(shopId, { from, to, segment: "all", start: null, end: null })
  shopperOf = await shoppersByName(shopId)
})

async function shoppersByName(shopId: number): Promise<typeof shopperOf> {
  const keys = await shopKeys(shopId)
  const rows = await withShopSql(shopId, async (client) => {
    const found = await client.query<{
      blind: string
      id: string
      person: string
      bot: boolean
      known: boolean
    }>(
      `SELECT encode(i.blind, 'hex') AS blind, s.shopper_id AS id, COALESCE(s.merged_into, s.shopper_id) AS person,
         s.bot, s.known
       FROM shopper_identities i JOIN shoppers s USING (shop_id, shopper_id) WHERE i.kind = 'source'`,
    )
    return found.rows
  })
  const byBlind = new Map(rows.map((row) => [row.blind, row]))
  return (name) => byBlind.get(blindIndex(keys, "source", name).toString("hex"))
}

test("duplicated deliveries are counted once", async () => {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ count: number }>("SELECT count(*)::int AS count FROM events"),
  )
  expect(truth.counts.duplicates).toBeGreaterThan(0)
  expect(rows[0]?.count).toBe(truth.counts.happened)
})

test("every bot is found, no person is taken for one, and bots are in no count", () => {
  const names = truth.people.flatMap(({ customer, visitors }) => [
    ...visitors,
    ...(customer ? [customer] : []),
  ])
  expect(names.filter((name) => shopperOf(name)?.bot)).toEqual([])
  const missed = truth.bots.filter(({ visitor }) => shopperOf(visitor)?.bot !== true)
  expect(missed).toEqual([])
  expect(map.visits).toBe(truth.counts.visits)
})

test("a person's anonymous browsers are joined to them where a visit ties them, and nowhere else", () => {
  let joined = 0
  for (const { customer, visitors, joined: tied } of truth.people) {
    const person = customer === null ? undefined : shopperOf(customer)
    for (const visitor of visitors) {
      const shopper = shopperOf(visitor)
      if (shopper === undefined) continue
      const expected = tied.includes(visitor) ? person?.id : shopper.id
      expect(shopper.person, visitor).toBe(expected)
      if (tied.includes(visitor)) joined += 1
    }
    if (person !== undefined) expect(person).toMatchObject({ known: true, person: person.id })
  }
  expect(joined).toBeGreaterThan(100)
})

test("measured conversion from stage to stage lies within the sampling interval of the true one", () => {
  const visitsOf = new Map<string, number>([
    ["visit", map.visits],
    ...map.stages.map(({ stage, visits }) => [stage, visits] as const),
  ])
  const bothOf = new Map(map.stages.map(({ stage, next }) => [`${stage} ${next?.stage}`, next?.visits ?? 0]))
  const compared = truth.conversion.filter(({ from, to }) => from === "visit" || bothOf.has(`${from} ${to}`))
  expect(compared.map(({ from, to }) => `${from} ${to}`)).toEqual(
    expect.arrayContaining(["visit cart", "browse cart", "cart checkout", "checkout purchase"]),
  )
  for (const step of compared) {
    const reached = step.from === "visit" ? visitsOf.get(step.to) : bothOf.get(`${step.from} ${step.to}`)
    const measured = (reached ?? 0) / (visitsOf.get(step.from) ?? 0)
    const { low, high } = samplingInterval(step, Z)
    expect(measured, `${step.from} to ${step.to}`).toBeGreaterThanOrEqual(low)
    expect(measured, `${step.from} to ${step.to}`).toBeLessThanOrEqual(high)
    // Nothing is lost on the way: what is measured is what happened, not only what was likely.
    expect(reached).toBe(step.observed)
  }
})

test("late events and all, the map kept by increments equals a full recount", async () => {
  const before = await storedTables(shopId, { withMap: false })
  expect(await recountJourneyMap(shopId, { asOf: new Date(truth.endMs) })).toEqual({ wrongEdges: 0 })
  expect(await storedTables(shopId, { withMap: false })).toEqual(before)
}, 60_000)

test("segments of one kind add up to all visits", async () => {
  const { from, to } = map
  const count = async (segment: string) =>
    (await readJourneyMap(shopId, { from, to, segment, start: null, end: null })).visits
  expect((await count("visitors:new")) + (await count("visitors:returning"))).toBe(map.visits)
  expect((await count("identity:known")) + (await count("identity:anonymous"))).toBe(map.visits)
})

test("kept counts and counts from the visits themselves are the same map", async () => {
  const { from, to } = map
  for (const segment of ["all", "identity:known", "source:email"]) {
    const kept = await readJourneyMap(shopId, { from, to, segment, start: null, end: null })
    // Every visit that purchased, counted up to there: compared where the two must agree.
    const toPurchase = await readJourneyMap(shopId, { from, to, segment, start: null, end: "purchase" })
    expect(toPurchase.visits).toBe(kept.purchases)
    expect(toPurchase.stages.at(-1)?.people).toBe(kept.stages.at(-1)?.people)
  }
})
