import { expect, test } from "vitest"
import type { EventType } from "../capture/event.ts"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { buildJourneyMap } from "./build-map.ts"
import { layoutJourneyMap, MAP_HEIGHT, MAP_WIDTH } from "./map-layout.ts"
import { makePortionCounter } from "./map-portion.ts"
import { MAP_STEPS } from "./stages.ts"
import { printJourneyMap } from "./terminal-map.ts"

const QUERY = { from: "2026-01-01", to: "2026-01-31", segment: "all", start: null, end: null }

function mapOf(
  visits: { steps: EventType[]; times: number }[],
  query: { start?: EventType; end?: EventType } = {},
) {
  const counter = makePortionCounter(query.start ?? null, query.end ?? null)
  let person = 0
  for (const { steps, times } of visits)
    for (let time = 0; time < times; time += 1) {
      person += 1
      counter.add({
        personId: String(person),
        steps: steps.map((step) => EVENT_TYPE_CODES[step]),
        gapSeconds: steps.slice(1).map(() => 30),
        purchased: steps.includes("purchase"),
        revenueCents: 0,
      })
    }
  return buildJourneyMap({ ...QUERY, ...query }, counter.counts())
}

const SHOP = mapOf([
  { steps: ["page_view"], times: 20_000 },
  { steps: ["search", "product_view", "cart_add"], times: 900 },
  {
    steps: ["login", "product_view", "cart_add", "checkout_start", "checkout_payment", "purchase"],
    times: 40,
  },
  { steps: [...MAP_STEPS], times: 1 },
])

test("everything lies inside the picture, and no two labels of a column meet", () => {
  for (const map of [
    SHOP,
    mapOf([{ steps: [...MAP_STEPS], times: 100_000 }]),
    mapOf([{ steps: ["login"], times: 1 }]),
  ]) {
    const { nodes, columns, ribbons } = layoutJourneyMap(map)
    for (const node of nodes) {
      expect(node.x + node.width).toBeLessThan(MAP_WIDTH)
      expect(node.y + node.height).toBeLessThan(MAP_HEIGHT)
      const below = nodes.filter((other) => other.stage === node.stage && other.y > node.y)
      for (const other of below) expect(other.y - node.y).toBeGreaterThanOrEqual(39)
    }
    for (const { exit } of columns) if (exit) expect(exit.y + exit.height).toBeLessThan(MAP_HEIGHT - 20)
    for (const ribbon of ribbons) expect(ribbon.path).not.toMatch(/NaN|Infinity/)
  }
})

test("the same map always gives the same picture, and an empty one gives an empty picture", () => {
  expect(layoutJourneyMap(SHOP)).toEqual(layoutJourneyMap(SHOP))
  expect(layoutJourneyMap(mapOf([]))).toMatchObject({ nodes: [], ribbons: [], arcs: [] })
})

test("conversion is the share of a stage's visits that reach the next one too", () => {
  const cart = SHOP.stages.find(({ stage }) => stage === "cart")
  expect(cart).toMatchObject({ visits: 941, left: 900, next: { stage: "checkout", visits: 41 } })
  expect(SHOP.purchases).toBe(41)
})

test("a start and an end step cut the visits down to what lies between", () => {
  const map = mapOf(
    [
      { steps: ["page_view", "product_view", "cart_add", "page_view", "purchase", "page_view"], times: 3 },
      { steps: ["cart_add", "page_view"], times: 5 },
    ],
    { start: "cart_add", end: "purchase" },
  )
  expect(map.visits).toBe(3)
  expect(map.paths).toEqual([
    { steps: ["cart_add", "page_view", "purchase"], visits: 3, share: 1, conversion: 1 },
  ])
})

test("the terminal's map fits 40 lines of 100 columns and states every stage", () => {
  const lines = printJourneyMap(SHOP).split("\n")
  expect(lines.length).toBeLessThanOrEqual(40)
  expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(100)
  for (const stage of ["Sign in", "Browse", "Cart", "Checkout", "Purchase"])
    expect(lines.some((line) => line.startsWith(stage))).toBe(true)
  expect(printJourneyMap(mapOf([]))).toContain("0 visits")
})
