import { expect, test } from "vitest"
import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { isBot, looksAutomated } from "./bots.ts"

/** A visit of `count` views, the n-th gap given by `gapMs`. */
function visit(count: number, gapMs: (index: number) => number, product = (index: number) => index) {
  let atMs = 0
  return Array.from({ length: count }, (_, index) => {
    atMs += gapMs(index)
    return { type: EVENT_TYPE_CODES.product_view as number, atMs, productId: product(index) }
  })
}

const as = (type: EventType) => ({ type: EVENT_TYPE_CODES[type] as number, atMs: 1e9, productId: null })
/** Uneven as people are, 3 s to 90 s. */
const dwell = (index: number) => [8_000, 31_000, 90_000, 3_000, 14_000, 55_000, 22_000][index % 7] ?? 9_000

test("a person who reads unevenly is no bot, however long the visit", () => {
  expect(looksAutomated(visit(60, dwell, (index) => index % 25))).toBe(false)
})

test("pages faster than they can be looked at are a bot's", () => {
  expect(looksAutomated(visit(40, (index) => 400 + 97 * (index % 11)))).toBe(true)
})

test("pages as even as a clock are a bot's", () => {
  expect(
    looksAutomated(
      visit(
        12,
        (index) => 20_000 + 40 * (index % 5),
        () => 7,
      ),
    ),
  ).toBe(true)
  expect(
    looksAutomated(
      visit(
        50,
        () => 900_000,
        () => 7,
      ),
    ),
  ).toBe(true)
})

test("a whole catalogue in one visit is a bot's", () => {
  expect(looksAutomated(visit(200, dwell))).toBe(true)
})

test("who searches, keeps, adds or buys in the visit is a person", () => {
  const fast = visit(40, (index) => 400 + 97 * (index % 11))
  for (const type of ["search", "favourite", "cart_add", "login", "checkout_start", "purchase"] as const)
    expect(looksAutomated([...fast, as(type)])).toBe(false)
})

test("a log without times of its own makes no bots", () => {
  expect(looksAutomated(visit(60, () => 0))).toBe(false)
  expect(looksAutomated(visit(60, () => 1_000))).toBe(false)
})

test("a person with an order is no bot, whatever one visit looks like", () => {
  const [browse, checkout] = [0b00010, 0b01010]
  expect(isBot([{ automated: true, stages: browse }])).toBe(true)
  expect(
    isBot([
      { automated: true, stages: browse },
      { automated: false, stages: checkout },
    ]),
  ).toBe(false)
  expect(isBot([{ automated: false, stages: browse }])).toBe(false)
})
