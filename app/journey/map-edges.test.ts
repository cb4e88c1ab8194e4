import fc from "fast-check"
import { expect, test } from "vitest"
import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { addVisit, DOOR, type EdgeMap, edgeKey, WAS_AT } from "./map-edges.ts"
import { MAP_STEPS, STAGE_CODES } from "./stages.ts"

const visit = (...types: EventType[]) => ({
  steps: types.map((type) => EVENT_TYPE_CODES[type] as number),
  gapSeconds: types.slice(1).map(() => 10),
})

const count = (edges: EdgeMap, from: number, to: number) => edges.get(edgeKey(from, to))?.count ?? 0

function edgesOf(...visits: ReturnType<typeof visit>[]): EdgeMap {
  const edges: EdgeMap = new Map()
  for (const one of visits) addVisit(edges, one, 1)
  return edges
}

test("a step taken twice is two transitions but one visit", () => {
  const { product_view: product, cart_add: cart } = EVENT_TYPE_CODES
  const edges = edgesOf(visit("product_view", "cart_add", "product_view", "cart_add"))
  expect(count(edges, product, cart)).toBe(2)
  expect(count(edges, WAS_AT, product)).toBe(1)
  expect(count(edges, DOOR, product)).toBe(1)
  expect(count(edges, cart, DOOR)).toBe(1)
})

test("a stage leads on to the first later stage after it, and a visit is left at its furthest", () => {
  const edges = edgesOf(
    visit("product_view", "checkout_start", "cart_view"),
    visit("cart_view", "product_view"),
  )
  const { browse, cart, checkout } = STAGE_CODES
  expect(count(edges, -browse, -checkout)).toBe(1)
  expect(count(edges, -browse, -cart)).toBe(0)
  expect(count(edges, -checkout, DOOR)).toBe(1)
  expect(count(edges, -cart, DOOR)).toBe(1)
  expect(edges.get(edgeKey(-browse, -checkout))?.gaps[6]).toBe(1)
})

test("what a visit added can be taken away without a trace", () => {
  const anyVisit = fc
    .array(fc.constantFrom(...MAP_STEPS), { minLength: 1, maxLength: 12 })
    .map((types) => visit(...types))
  fc.assert(
    fc.property(fc.array(anyVisit), fc.array(anyVisit), (stay, go) => {
      const edges = edgesOf(...stay, ...go)
      for (const one of go) addVisit(edges, one, -1)
      const left = [...edges].filter(([, edge]) => edge.count !== 0 || edge.gaps.some((gap) => gap !== 0))
      expect(new Map(left)).toEqual(edgesOf(...stay))
    }),
  )
})
