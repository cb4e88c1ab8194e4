import { describe, expect, test } from "vitest"
import { eventAt, MINUTE_MS, START_MS } from "../../tests/support/feature-events.ts"
import { type CustomerEvent, customerFeatures, customerOutcome } from "./customer-features.ts"

/** Days begin at noon, so that none of these tests hangs on midnight. */
const day = (days: number) => START_MS + (days * 1_440 + 720) * MINUTE_MS

const event = (type: CustomerEvent["type"], days: number, rest: Partial<CustomerEvent> = {}): CustomerEvent =>
  eventAt(days * 1_440 + 720, type, rest)
const bought = (days: number, priceCents: number, quantity = 1) =>
  event("purchase", days, { priceCents, quantity, orderRef: `on ${days}` })

describe("what is known of a customer", () => {
  test("nobody is a customer before the first purchase", () => {
    expect(customerFeatures([event("product_view", 1), bought(8, 100)], day(5))).toBeNull()
  })

  test("rhythm: silence and times between purchases, against the time known", () => {
    const features = customerFeatures([bought(0, 100), bought(10, 100), bought(40, 100)], day(80))
    expect(features).toMatchObject({
      frequency: 2,
      recency_days: 40,
      age_days: 80,
      silence_days: 40,
      silence_share: 0.5,
      silence_in_gaps: 2,
      gap_mean_days: 20,
      gap_sd_days: 10,
      gap_last_days: 30,
      purchases_last_30_days: 0,
      purchases_last_90_days: 3,
      late_repeats_share: 0,
    })
  })

  test("money: lines of an order together, refunds off, the first purchase in the mean of all", () => {
    const events = [
      bought(0, 1_000, 2),
      bought(0, 500),
      bought(10, 4_000),
      event("refund", 12, { priceCents: 1_000, quantity: 1, orderRef: "on 10" }),
    ]
    expect(customerFeatures(events, day(20))).toMatchObject({
      mean_repeat_cents: 3_000,
      valued_purchases: 2,
      mean_valued_cents: 2_750,
      total_cents: 5_500,
      first_cents: 2_500,
      last_cents: 3_000,
      max_cents: 3_000,
      units: 4,
      units_first: 3,
      units_a_purchase: 2,
      cents_a_unit: 1_375,
    })
  })

  test("browsing: events by stage in the days before, and visits after the last purchase", () => {
    const events = [
      event("product_view", 0),
      bought(0, 100),
      event("product_view", 50),
      event("cart_add", 50),
      event("product_view", 96),
      event("checkout_start", 96),
    ]
    expect(customerFeatures(events, day(100))).toMatchObject({
      browse_last_7_days: 1,
      browse_last_30_days: 1,
      browse_last_90_days: 2,
      cart_last_30_days: 0,
      cart_last_90_days: 1,
      checkout_last_30_days: 1,
      visits_last_30_days: 1,
      visits_after_purchase: 2,
      cart_after_purchase: 1,
      days_since_last_event: 4,
      events_last_90_days: 4,
    })
  })

  test("nothing that happened or was received after the moment changes what is known", () => {
    const events = [bought(0, 100), event("product_view", 3)]
    const later = [bought(21, 900), event("cart_add", 2, { receivedMs: day(30) })]
    expect(customerFeatures([...later, ...events], day(20))).toEqual(customerFeatures(events, day(20)))
  })
})

describe("what a customer does next", () => {
  const events = [bought(0, 100), bought(10, 2_000), bought(15, 3_000), bought(40, 9_000)]

  test("counts purchases and what was paid from after the moment to the horizon's end", () => {
    expect(customerOutcome(events, day(0), day(20))).toEqual({ orders_next: 2, spend_next_cents: 5_000 })
    expect(customerOutcome(events, day(10), day(40))).toEqual({ orders_next: 2, spend_next_cents: 12_000 })
    expect(customerOutcome(events, day(40), day(90))).toEqual({ orders_next: 0, spend_next_cents: 0 })
  })

  test("a refund lessens the order it names, and an order before the moment was no spend after it", () => {
    const refund = (orderRef: string) => event("refund", 16, { priceCents: 2_000, quantity: 1, orderRef })
    expect(customerOutcome([...events, refund("on 10")], day(5), day(20)).spend_next_cents).toBe(3_000)
    expect(customerOutcome([...events, refund("on 10")], day(12), day(20)).spend_next_cents).toBe(3_000)
  })
})
