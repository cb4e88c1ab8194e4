import { describe, expect, test } from "vitest"
import { eventAt as at, MINUTE_MS, START_MS } from "../../tests/support/feature-events.ts"
import type { FeatureEvent } from "./history-inputs.ts"
import { turnsToProduct } from "./next-item.ts"
import { NEXT_STAGE_CLASSES, nextStages, UNKNOWN_STAGE } from "./next-stage.ts"
import { shopperFeatures } from "./shopper-features.ts"

describe("the next stage", () => {
  const names = (events: FeatureEvent[], endMinutes: number) =>
    Array.from(nextStages(events, START_MS + endMinutes * MINUTE_MS), (label) =>
      label === UNKNOWN_STAGE ? "unknown" : NEXT_STAGE_CLASSES[label],
    )

  test("is that of the next event within 30 minutes, else leave", () => {
    const events = [at(0, "login"), at(1, "product_view"), at(5, "cart_add"), at(60, "product_view")]
    expect(names(events, 600)).toEqual(["browse", "cart", "leave", "leave"])
  })

  test("is unknown where the log ends before the visit could", () => {
    expect(names([at(0, "product_view")], 20)).toEqual(["unknown"])
  })

  test("passes over a refund, which is no step of a visit", () => {
    expect(names([at(0, "product_view"), at(2, "refund"), at(4, "cart_add")], 600)).toEqual([
      "cart",
      "cart",
      "leave",
    ])
  })

  test("is unknown between events of one moment: they have no order", () => {
    expect(names([at(0, "purchase"), at(0, "purchase")], 600)).toEqual(["unknown", "leave"])
  })
})

describe("turning to a product", () => {
  const flags = (events: FeatureEvent[]) => Array.from(turnsToProduct(events))

  test("a purchase counts only where the visit had not shown the product", () => {
    expect(
      flags([
        at(0, "product_view", { productId: 1 }),
        at(1, "cart_add", { productId: 1 }),
        at(9, "purchase", { productId: 1 }),
        at(9, "purchase", { productId: 2 }),
      ]),
    ).toEqual([1, 1, 0, 1])
  })

  test("a purchase on a later visit without a view is a turn", () => {
    expect(flags([at(0, "product_view", { productId: 1 }), at(600, "purchase", { productId: 1 })])).toEqual([
      1, 1,
    ])
  })

  test("taking out of the cart, refunds and pages without a product are none", () => {
    expect(
      flags([
        at(0, "cart_remove", { productId: 1 }),
        at(1, "refund", { productId: 1 }),
        at(2, "collection_view"),
        at(3, "product_view"),
      ]),
    ).toEqual([0, 0, 0, 0])
  })
})

describe("a shopper's features", () => {
  const day = 1_440

  test("recency, frequency and money as of a moment", () => {
    const features = shopperFeatures(
      [
        at(0, "product_view", { productId: 1 }),
        at(1, "purchase", { productId: 1, priceCents: 500, quantity: 2 }),
        at(10 * day, "purchase", { productId: 2, priceCents: 300 }),
      ],
      START_MS + 12 * day * MINUTE_MS,
    )
    expect(features).toMatchObject({
      days_since_first_event: 12,
      days_since_last_purchase: 2,
      purchase_lines: 2,
      purchase_cents: 1300,
      purchase_cents_per_day_bought: 650,
      sessions: 2,
      distinct_products: 2,
      events_last_7_days: 1,
    })
  })

  test("know nothing of what was received later", () => {
    const events = [at(0, "product_view"), at(5, "purchase", { receivedMs: START_MS + day * MINUTE_MS })]
    expect(shopperFeatures(events, START_MS + 10 * MINUTE_MS).purchase_lines).toBe(0)
  })

  test("of nobody are zeros and −1 for every recency", () => {
    expect(shopperFeatures([], START_MS)).toMatchObject({
      days_since_last_event: -1,
      sessions: 0,
      purchase_cents: 0,
    })
  })
})
