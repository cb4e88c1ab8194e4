import { describe, expect, test } from "vitest"
import { eventAt as at, MINUTE_MS, START_MS } from "../../tests/support/feature-events.ts"
import { orderNumbers, type PersonEvent } from "./baskets.ts"
import { UNKNOWN_VISIT, visitBuys, visitNumbers } from "./visits.ts"

const minutes = (count: number) => START_MS + count * MINUTE_MS

describe("the order of a purchase line", () => {
  const numbers = (events: PersonEvent[]) => Array.from(orderNumbers(events))

  test("is shared by the lines that name it, whatever lies between", () => {
    const events = [
      at(0, "purchase", { orderRef: "A" }),
      at(1, "product_view"),
      at(2, "purchase", { orderRef: "B" }),
      at(3, "purchase", { orderRef: "A" }),
    ]
    expect(numbers(events)).toEqual([1, 0, 2, 1])
  })

  test("is the moment where none is named", () => {
    expect(numbers([at(0, "purchase"), at(0, "purchase"), at(1, "purchase")])).toEqual([1, 1, 2])
  })

  test("is none for a refund", () => {
    expect(numbers([at(0, "purchase", { orderRef: "A" }), at(9, "refund", { orderRef: "A" })])).toEqual([
      1, 0,
    ])
  })
})

describe("whether a visit still buys", () => {
  const labels = (events: PersonEvent[], endMinute: number) =>
    Array.from(visitBuys(events, minutes(endMinute)))

  test("is 1 up to the last purchase of the visit and 0 from it on", () => {
    const events = [at(0, "product_view"), at(5, "purchase"), at(6, "purchase"), at(9, "page_view")]
    expect(labels(events, 600)).toEqual([1, 1, 0, 0])
  })

  test("does not see a purchase of the next visit", () => {
    const events = [at(0, "product_view"), at(120, "product_view"), at(121, "purchase")]
    expect(labels(events, 600)).toEqual([0, 1, 0])
    expect(Array.from(visitNumbers(events))).toEqual([0, 1, 1])
  })

  test("does not count a purchase of the same moment as later", () => {
    expect(labels([at(0, "cart_add"), at(0, "purchase")], 600)).toEqual([0, 0])
  })

  test("is unknown where the log ends before the visit could, and known where it has bought", () => {
    const events = [at(0, "product_view"), at(60, "cart_add"), at(61, "purchase"), at(62, "page_view")]
    expect(labels(events, 70)).toEqual([0, 1, UNKNOWN_VISIT, UNKNOWN_VISIT])
  })

  test("ends with another campaign", () => {
    const events = [at(0, "product_view", { source: "ad" }), at(5, "purchase", { source: "email" })]
    expect(labels(events, 600)).toEqual([0, 0])
    expect(Array.from(visitNumbers(events))).toEqual([0, 1])
  })
})
