import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShop } from "../db.server.ts"
import { readAdminHome } from "./admin-home.server.ts"
import { asideByReason, liveModelCard } from "./admin-home.ts"

testDatabase()

const asOf = new Date("2026-11-24T12:00:00Z")
const hoursAgo = (hours: number) => new Date(asOf.getTime() - hours * 3_600_000)

test("a model's figures stand beside its baselines', and what its manifest lacks is left out", () => {
  const manifest = {
    training: { from: "2026-05-01T00:00:00Z", to: "2026-10-31T00:00:00Z", events: 1000 },
    metrics: [{ name: "recall@10", model: 0.2, baselines: { popularity: 0.1 } }],
  }
  expect(liveModelCard("v1", asOf, manifest)).toEqual({
    version: "v1",
    publishedAtMs: asOf.getTime(),
    training: { fromMs: Date.UTC(2026, 4, 1), toMs: Date.UTC(2026, 9, 31), events: 1000 },
    metrics: [{ name: "recall@10", model: 0.2, baselines: [{ name: "popularity", value: 0.1 }] }],
  })
  expect(liveModelCard("v1", asOf, { metrics: "none" })).toMatchObject({ training: null, metrics: [] })
})

test("reasons for rows set aside come most frequent first", () => {
  expect(asideByReason({ no_time: 2, unknown_type: 30 })).toEqual([
    { reason: "unknown_type", rows: 30 },
    { reason: "no_time", rows: 2 },
  ])
  expect(asideByReason(null)).toEqual([])
})

test("a new shop has nothing, and says how much is missing", async () => {
  const home = await readAdminHome(await ensureShop("new.myshopify.com"), { asOf })
  expect(home).toMatchObject({ imports: [], model: null, today: { total: 0 }, fallbacks: [], products: 0 })
  expect(home.readiness.every(({ have, need }) => have === 0 && need > 0)).toBe(true)
})

test("today's decisions count by who answered, without yesterday's and with the holdout apart", async () => {
  const shopId = await ensureShop("decisions.myshopify.com")
  const decision = (servedBy: string, at: Date, outcome = "shown") => ({
    shopId,
    decisionId: crypto.randomUUID(),
    at,
    surface: "block",
    placement: "product",
    outcome,
    productIds: [],
    scores: [],
    servedBy,
    latencyMs: 1,
  })
  await withShop(shopId, (tx) =>
    tx.decision.createMany({
      data: [
        decision("model", hoursAgo(1)),
        decision("model", hoursAgo(2)),
        decision("item_knn", hoursAgo(3)),
        decision("model", hoursAgo(4), "withheld"),
        decision("popularity", hoursAgo(13)),
      ],
    }),
  )
  const { today } = await readAdminHome(shopId, { asOf })
  expect(today).toEqual({
    total: 4,
    withheld: 1,
    servedBy: [
      { name: "model", count: 2 },
      { name: "item_knn", count: 1 },
    ],
  })
})

test("fallbacks count today and over seven days, by reason", async () => {
  const shopId = await ensureShop("fallbacks.myshopify.com")
  const counter = (name: string, daysAgo: number, count: bigint) => ({
    shopId,
    name,
    day: hoursAgo(24 * daysAgo),
    count,
  })
  await withShop(shopId, (tx) =>
    tx.counter.createMany({
      data: [
        counter("fallback:timeout", 0, 3n),
        counter("fallback:timeout", 6, 4n),
        counter("fallback:timeout", 7, 100n),
        counter("fallback:scorer_down", 2, 5n),
        counter("drop:duplicate_event", 0, 9n),
      ],
    }),
  )
  expect((await readAdminHome(shopId, { asOf })).fallbacks).toEqual([
    { reason: "timeout", today: 3, lastWeek: 7 },
    { reason: "scorer_down", today: 0, lastWeek: 5 },
  ])
})

test("readiness counts what is there and stops at the minimum", async () => {
  const shopId = await ensureShop("ready.myshopify.com")
  const journey = (shopperId: bigint, days: number, outcome = "purchased") => ({
    shopId,
    shopperId,
    startedAt: hoursAgo(24 * days + 1),
    endedAt: hoursAgo(24 * days),
    sessions: 1,
    furthestStage: 5,
    outcome,
  })
  await withShop(shopId, async (tx) => {
    await tx.journey.createMany({
      data: [journey(1n, 5), journey(1n, 40), journey(1n, 80), journey(2n, 50), journey(3n, 3, "abandoned")],
    })
  })
  const { readiness } = await readAdminHome(shopId, { asOf })
  expect(Object.fromEntries(readiness.map(({ name, have }) => [name, have]))).toEqual({
    recent_events: 0,
    buyers: 2,
    history_days: 0,
    recent_orders: 1,
    repeat_buyers: 1,
  })
})
