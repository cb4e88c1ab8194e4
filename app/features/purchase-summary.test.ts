import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { LIFECYCLES } from "../journey/lifecycle.ts"
import { OUTCOME_DAYS, type PurchaseEvent, purchaseCuts, purchaseSummary } from "./purchase-summary.ts"

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 5, 12)
const day = (days: number) => START_MS + days * DAY_MS

const bought = (days: number, cents: number, rest: Partial<PurchaseEvent> = {}): PurchaseEvent => ({
  type: "purchase",
  atMs: day(days),
  receivedMs: day(days),
  priceCents: cents,
  quantity: 1,
  orderRef: null,
  ...rest,
})
const refunded = (days: number, cents: number, rest: Partial<PurchaseEvent> = {}) =>
  bought(days, cents, { type: "refund", ...rest })

const summary = (events: PurchaseEvent[], asOfDays: number, endDays = 1_000) =>
  purchaseSummary(events, day(asOfDays), day(endDays))

describe("what a person has bought", () => {
  test("nobody is a customer before the first purchase", () => {
    expect(summary([], 10)).toBeNull()
    expect(summary([bought(11, 500)], 10)).toBeNull()
  })

  test("counts from the first purchase: repeats, days to the last, days to the moment", () => {
    expect(summary([bought(0, 900), bought(8, 1_000), bought(20, 2_000, { quantity: 2 })], 50)).toMatchObject(
      {
        frequency: 2,
        recency_days: 20,
        age_days: 50,
        valued_repeats: 2,
        mean_repeat_cents: 2_500,
        rhythm_lifecycle: LIFECYCLES.indexOf("at_risk"), // 30 days of silence at a rhythm of 10
      },
    )
  })

  test("the lines of an order are one purchase, at its first time, whatever else lies between", () => {
    const one = { orderRef: "1001" }
    expect(summary([bought(0, 100), bought(5, 300, one), bought(6, 200, one)], 10)).toMatchObject({
      frequency: 1,
      recency_days: 5,
      mean_repeat_cents: 500,
    })
  })

  test("orders of one visit are one purchase, as the journey counts them", () => {
    const soon = 20 / (24 * 60)
    const events = [0, soon, 2 * soon, 1].map((days) => bought(days, 100, { orderRef: `at ${days}` }))
    expect(summary(events, 3)).toMatchObject({ frequency: 1, recency_days: 1, mean_repeat_cents: 100 })
  })

  test("a refunded order does not count toward spend, and was a purchase still", () => {
    const events = [
      bought(0, 500),
      bought(5, 800, { orderRef: "A" }),
      bought(9, 600, { orderRef: "B" }),
      refunded(12, 800, { orderRef: "A" }),
      refunded(13, 100, { orderRef: "B" }),
      refunded(14, 999, { orderRef: "never seen" }),
    ]
    expect(summary(events, 20)).toMatchObject({ frequency: 2, valued_repeats: 1, mean_repeat_cents: 500 })
  })

  test("a refund that names no order is of the last one before it", () => {
    const events = [bought(0, 500), bought(5, 800), bought(9, 600), refunded(7, 300)]
    expect(summary(events, 20)).toMatchObject({ valued_repeats: 2, mean_repeat_cents: 550 })
  })

  test("what was received after the moment is not known at it", () => {
    const late = bought(5, 800, { receivedMs: day(11) })
    expect(summary([bought(0, 500), late], 10)).toMatchObject({ frequency: 0, mean_repeat_cents: 0 })
    expect(summary([bought(0, 500), late], 12)).toMatchObject({ frequency: 1, mean_repeat_cents: 800 })
  })

  test("who buys next is known once the window has passed, and a refund buys nothing", () => {
    const events = [bought(0, 500), bought(10 + OUTCOME_DAYS, 500), refunded(60, 500)]
    expect(summary(events, 10)?.bought_next).toBe(1)
    expect(summary(events, 9.5)?.bought_next).toBe(0)
    expect(summary(events, 50)?.bought_next).toBe(0)
    expect(summary(events, 980)?.bought_next).toBe(-1)
  })

  test("the windows of the cuts follow each other up to the log's end", () => {
    const [first, second, end] = purchaseCuts(day(100))
    expect([first, second, end]).toEqual([day(40), day(70), day(100)])
  })
})

const someEvents = fc.array(
  fc.record({
    type: fc.constantFrom("purchase" as const, "refund" as const),
    atMs: fc.integer({ min: 0, max: 200 }).map((hours) => day(hours / 4)),
    priceCents: fc.option(fc.integer({ min: 0, max: 9_000 })),
    quantity: fc.option(fc.integer({ min: 1, max: 3 })),
    orderRef: fc.option(fc.constantFrom("A", "B", "C")),
  }),
  { maxLength: 12 },
)
const known = (event: Omit<PurchaseEvent, "receivedMs">): PurchaseEvent => ({
  ...event,
  receivedMs: event.atMs,
})

test("whatever was bought, the days are in order and nothing after the moment changes what it tells", () => {
  fc.assert(
    fc.property(someEvents, fc.integer({ min: 0, max: 60 }), (events, asOfDays) => {
      const all = events.map(known).sort((a, b) => a.atMs - b.atMs)
      const whole = summary(all, asOfDays)
      const before = summary(
        all.filter((event) => event.atMs <= day(asOfDays)),
        asOfDays,
      )
      expect(before && { ...before, bought_next: 0 }).toEqual(whole && { ...whole, bought_next: 0 })
      if (whole === null) return
      expect(whole.recency_days).toBeGreaterThanOrEqual(0)
      expect(whole.recency_days).toBeLessThanOrEqual(whole.age_days)
      expect(whole.recency_days > 0).toBe(whole.frequency > 0)
      expect(whole.valued_repeats).toBeLessThanOrEqual(whole.frequency)
      expect(whole.mean_repeat_cents > 0).toBe(whole.valued_repeats > 0)
    }),
  )
})
