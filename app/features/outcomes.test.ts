import { describe, expect, test } from "vitest"
import { eventAt as at, MINUTE_MS, START_MS } from "../../tests/support/feature-events.ts"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import type { FeatureEvent } from "./history-inputs.ts"
import { outcomes } from "./outcomes.ts"

const DAY_MINUTES = 1440

const of = (events: FeatureEvent[], endDays: number) =>
  outcomes(events, START_MS + endDays * DAY_MINUTES * MINUTE_MS)

describe("what comes next in the visit", () => {
  test("is the next event's type and how long it takes, past a refund", () => {
    const { next_type, step_gap } = of([at(0, "search"), at(0.5, "refund"), at(1, "product_view")], 5)
    expect(Array.from(next_type)).toEqual([EVENT_TYPE_CODES.product_view, EVENT_TYPE_CODES.product_view, 0])
    expect(Array.from(step_gap)).toEqual([3, 2, -1])
  })

  test("is not known between lines of one order, or where the log ends before the visit could", () => {
    const { next_type } = of([at(0, "purchase"), at(0, "purchase"), at(10, "page_view")], 15 / DAY_MINUTES)
    expect(Array.from(next_type)).toEqual([-1, EVENT_TYPE_CODES.page_view, -1])
  })
})

describe("the return", () => {
  test("is counted from each event to the start of the next visit, and a refund is none", () => {
    const events = [
      at(0, "product_view"),
      at(6, "product_view"),
      at(DAY_MINUTES, "refund"),
      at(2 * DAY_MINUTES, "search"),
    ]
    const days = Array.from(of(events, 60).return_days)
    expect(days[0]).toBe(2)
    expect(days[1]).toBeCloseTo(2 - 6 / DAY_MINUTES)
    expect(days[3]).toBe(-1)
  })

  test("is the next visit even where another campaign brings it within minutes", () => {
    const events = [at(0, "page_view", { source: "search" }), at(6, "page_view", { source: "email" })]
    expect(of(events, 60).return_days[0]).toBeCloseTo(6 / DAY_MINUTES)
  })
})

describe("spend", () => {
  const buy = (days: number, priceCents: number, quantity: number) =>
    at(days * DAY_MINUTES, "purchase", { priceCents, quantity })

  test("adds up what is bought after the event, up to the thirtieth day", () => {
    const events = [at(0, "product_view"), buy(0, 500, 1), buy(30, 700, 2), buy(30.1, 900, 1)]
    expect(Array.from(of(events, 61).spend_cents)).toEqual([1400, 1400, 900, 0])
  })

  test("is not known where the log ends within the thirty days", () => {
    expect(Array.from(of([buy(0, 500, 1), buy(5, 500, 1)], 32).spend_cents)).toEqual([500, -1])
  })
})
