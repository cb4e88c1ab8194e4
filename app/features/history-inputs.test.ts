import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { EVENT_TYPE_CODES, EVENT_TYPES } from "../capture/event.ts"
import { catalogueOf } from "./catalogue.ts"
import {
  type FeatureEvent,
  GAP_BOUNDS_MS,
  HISTORY_COLUMNS,
  HISTORY_EVENTS_NEEDED,
  HISTORY_LENGTH,
  historyInputs,
} from "./history-inputs.ts"
import { learntMs } from "./learnt.ts"
import { trainingRow } from "./training-row.ts"

const START_MS = Date.UTC(2026, 0, 5)
const catalogue = catalogueOf(
  [3, 5, 8].map((productId) => ({
    productId,
    externalId: `p${productId}`,
    title: `Product ${productId}`,
    description: "",
    category: "",
    brand: "",
    priceCents: productId * 100,
    available: true,
  })),
)

const event = (overrides: Partial<FeatureEvent> = {}): FeatureEvent => {
  const atMs = overrides.atMs ?? START_MS
  return {
    type: "product_view",
    atMs,
    receivedMs: atMs,
    productId: 3,
    priceCents: null,
    quantity: null,
    source: null,
    ...overrides,
  }
}

const someEvents = fc.array(
  fc
    .record({
      type: fc.constantFrom(...EVENT_TYPES),
      afterMs: fc.integer({ min: 0, max: 20 * 86_400_000 }),
      lateMs: fc.integer({ min: 0, max: 86_400_000 }),
      productId: fc.constantFrom(3, 5, 8, 99, null),
      quantity: fc.constantFrom(null, 1, 60),
      source: fc.constantFrom(null, "email", "search"),
    })
    .map(({ afterMs, lateMs, ...rest }) =>
      event({ ...rest, atMs: START_MS + afterMs, receivedMs: START_MS + afterMs + lateMs }),
    ),
  { maxLength: 70 },
)

describe("the encoder's inputs", () => {
  test("events stand right-aligned, the newest last, padding is 0", () => {
    const inputs = historyInputs(
      [event({ productId: 5, atMs: START_MS + 1_000 }), event()],
      catalogue,
      START_MS + 60_000,
    )
    expect(Array.from(inputs.event_item.slice(-3))).toEqual([0, 1, 2])
    expect(Array.from(inputs.event_boundary.slice(-3))).toEqual([0, 2, 1])
    for (const name of HISTORY_COLUMNS) expect(inputs[name].length).toBe(HISTORY_LENGTH)
  })

  test("an event that was received after the moment is not there yet", () => {
    const late = event({ atMs: START_MS, receivedMs: START_MS + 3_600_000, productId: 8 })
    const before = historyInputs([event(), late], catalogue, START_MS + 60_000)
    expect(before).toEqual(historyInputs([event()], catalogue, START_MS + 60_000))
    const after = historyInputs([event(), late], catalogue, START_MS + 3_600_000)
    expect(after.event_item.at(-1)).toBe(3)
  })

  test("a product that the catalogue does not hold reads as none", () => {
    expect(historyInputs([event({ productId: 99 })], catalogue, START_MS).event_item.at(-1)).toBe(0)
  })

  test("a visit starts after 30 minutes of silence, or with another source", () => {
    const minutes = (count: number) => START_MS + count * 60_000
    const inputs = historyInputs(
      [
        event({ source: "email" }),
        event({ atMs: minutes(30) }),
        event({ atMs: minutes(61) }),
        event({ atMs: minutes(62), source: "search" }),
        event({ atMs: minutes(63), source: "email" }),
      ],
      catalogue,
      minutes(90),
    )
    expect(Array.from(inputs.event_boundary.slice(-5))).toEqual([2, 1, 2, 1, 2])
  })

  test("the order in which events are stored changes nothing", () => {
    fc.assert(
      fc.property(someEvents, fc.integer(), (events, seed) => {
        const shuffled = [...events].sort((a, b) => ((a.atMs * 31 + seed) % 97) - ((b.atMs * 31 + seed) % 97))
        const asOfMs = START_MS + 30 * 86_400_000
        const one = historyInputs(events, catalogue, asOfMs)
        const two = historyInputs(shuffled, catalogue, asOfMs)
        // Events that differ in nothing that orders them may swap what is left: compare the ordering columns.
        for (const name of ["event_item", "event_type", "event_gap"] as const)
          expect(Array.from(one[name]).sort()).toEqual(Array.from(two[name]).sort())
        expect(one.event_type).toEqual(two.event_type)
      }),
      { numRuns: 100 },
    )
  })

  test("one event more than the history is enough for the same inputs as the whole past", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 }), (count) => {
        const events = Array.from({ length: count }, (_, index) =>
          event({ atMs: START_MS + index * index * 1_000, productId: [3, 5, 8][index % 3] ?? null }),
        )
        const asOfMs = START_MS + 86_400_000
        expect(historyInputs(events.slice(-HISTORY_EVENTS_NEEDED), catalogue, asOfMs)).toEqual(
          historyInputs(events, catalogue, asOfMs),
        )
      }),
    )
  })

  test("each value lies in its vocabulary", () => {
    fc.assert(
      fc.property(someEvents, (events) => {
        const inputs = historyInputs(events, catalogue, START_MS + 30 * 86_400_000)
        expect(Math.max(...inputs.event_gap)).toBeLessThan(GAP_BOUNDS_MS.length + 3)
        expect(Math.max(...inputs.event_type)).toBeLessThanOrEqual(EVENT_TYPE_CODES.refund)
        for (const name of HISTORY_COLUMNS) expect(Math.min(...inputs[name])).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 100 },
    )
  })
})

test("a training row holds at each event just what serving would have computed then", () => {
  fc.assert(
    fc.property(someEvents, (events) => {
      const logged = events.map((one) => ({ ...one, orderRef: null }))
      const row = trainingRow(logged, catalogue, START_MS + 40 * 86_400_000)
      // Serving at the moment when the last event had been received sees the end of the row.
      const asOfMs = Math.max(START_MS, ...events.map((one) => one.receivedMs))
      const inputs = historyInputs(events, catalogue, asOfMs)
      const kept = Math.min(events.length, HISTORY_LENGTH)
      for (const name of HISTORY_COLUMNS)
        expect(Array.from(row[name].slice(row[name].length - kept))).toEqual(
          Array.from(inputs[name].slice(HISTORY_LENGTH - kept)),
        )
      expect(Array.from(row.at_ms)).toEqual([...row.at_ms].sort((a, b) => a - b))
    }),
    { numRuns: 100 },
  )
})

test("events of one moment keep the order they came in where a log's own order is asked for", () => {
  const basket = [8, 3, 5].map((productId) => ({ ...event({ productId }), orderRef: null }))
  const products = (order: "reading" | "given") =>
    Array.from(trainingRow(basket, catalogue, START_MS, order).event_item)
  expect(products("given")).toEqual([3, 1, 2])
  expect(products("reading")).toEqual([1, 2, 3])
})

test("imported history counts as learnt when it happened, a late delivery when it came", () => {
  expect(learntMs(START_MS, START_MS + 90 * 86_400_000)).toBe(START_MS)
  expect(learntMs(START_MS, START_MS + 3_600_000)).toBe(START_MS + 3_600_000)
})
