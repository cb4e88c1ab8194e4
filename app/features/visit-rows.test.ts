import { describe, expect, test } from "vitest"
import { eventAt as at, MINUTE_MS, START_MS } from "../../tests/support/feature-events.ts"
import { EVENT_TYPES } from "../capture/event.ts"
import type { FeatureEvent } from "./history-inputs.ts"
import { SHOPPER_FEATURES, shopperFeatures } from "./shopper-features.ts"
import { VISIT_ROLES, type VisitCuts, type VisitRow, visitRows } from "./visit-rows.ts"

const cutsAt = (validation: number, test: number, end: number): VisitCuts => ({
  validationMs: START_MS + validation * MINUTE_MS,
  testMs: START_MS + test * MINUTE_MS,
  logEndMs: START_MS + end * MINUTE_MS,
})

const NO_CUTS = cutsAt(1e6, 2e6, 3e6)
const rowsOf = (events: FeatureEvent[], cuts = NO_CUTS): VisitRow[] => [...visitRows(events, cuts)]

describe("the rows of visits", () => {
  test("ask after each event whether a purchase follows in the same visit", () => {
    const events = [
      at(0, "product_view", { productId: 1 }),
      at(2, "cart_add", { productId: 1, priceCents: 900, quantity: 2 }),
      at(4, "purchase", { productId: 1, priceCents: 900, quantity: 2 }),
      at(5, "page_view"),
      at(90, "product_view", { productId: 2 }),
    ]
    const rows = rowsOf(events)
    expect(rows.map((row) => row.buys)).toEqual([1, 1, 0, 0, 0])
    expect(rows.map((row) => row.prefix)).toEqual([1, 2, 3, 4, 1])
    expect(rows.map((row) => row.visit)).toEqual([0, 0, 0, 0, 1])
    expect(rows.map((row) => row.features.cart_cents)).toEqual([0, 1800, 0, 0, 0])
  })

  test("do not know how a visit ends that the log's end cuts off, unless it has bought", () => {
    const events = [at(0, "page_view"), at(5, "purchase"), at(6, "page_view")]
    expect(rowsOf(events, cutsAt(1e6, 2e6, 10)).map((row) => row.buys)).toEqual([1, -1, -1])
  })

  test("ask once for what came at one time, and never see inside it", () => {
    const basket = [1, 2, 3].map((productId) => at(4, "purchase", { productId }))
    const rows = rowsOf([at(0, "product_view"), ...basket])
    expect(rows.map((row) => [row.prefix, row.buys])).toEqual([
      [1, 1],
      [4, 0],
    ])
  })

  test("belong to the part of the split that the whole visit is in", () => {
    const events = [at(0, "page_view"), at(60, "page_view"), at(70, "page_view"), at(200, "page_view")]
    const roles = rowsOf(events, cutsAt(65, 100, 1e6)).map((row) => row.role)
    expect(roles).toEqual([VISIT_ROLES.train, VISIT_ROLES.none, VISIT_ROLES.none, VISIT_ROLES.test])
  })

  test("keep the cart from visit to visit, and count views of the last product in and before the visit", () => {
    const view = (minutes: number, productId: number) => at(minutes, "product_view", { productId })
    const rows = rowsOf([
      view(0, 7),
      at(1, "cart_add", { productId: 7 }),
      view(100, 8),
      view(101, 7),
      view(102, 7),
    ])
    expect(rows.at(-1)?.features).toMatchObject({
      cart_lines: 1,
      views_of_last_product_in_visit: 2,
      views_of_last_product_before: 1,
      visit_products: 2,
      days_since_visit_before: 99 / 1440,
    })
  })

  test("carry the shopper's features that computing them from the start would give, late events too", () => {
    // A small generator of its own: the history must be long, mixed and the same each time.
    let state = 7
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((state / 2_147_483_648) * below)
    }
    let minutes = 0
    const events = Array.from({ length: 400 }, () => {
      minutes += random(10) === 0 ? random(9_000) : random(20)
      const type = EVENT_TYPES[random(EVENT_TYPES.length)] ?? "page_view"
      const late = random(12) === 0 ? random(3_000) * MINUTE_MS : 0
      const event = at(minutes, type, {
        productId: 1 + random(9),
        priceCents: random(900),
        quantity: 1 + random(3),
      })
      return { ...event, receivedMs: event.receivedMs + late }
    })
    const rows = rowsOf(events)
    expect(rows.length).toBeGreaterThan(300)
    for (const row of rows) {
      const expected = shopperFeatures(events, row.atMs)
      for (const name of SHOPPER_FEATURES) expect(row.features[name], name).toBe(expected[name])
    }
  })

  test("of a prefix do not change when the rest of the log is not there yet", () => {
    const events = [
      at(0, "login"),
      at(1, "search"),
      at(3, "product_view"),
      at(50, "cart_view"),
      at(51, "purchase"),
    ]
    for (let known = 1; known <= events.length; known += 1)
      expect(rowsOf(events.slice(0, known)).at(-1)?.features).toEqual(rowsOf(events)[known - 1]?.features)
  })
})
