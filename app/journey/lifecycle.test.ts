import { expect, test } from "vitest"
import { lifecycleOf } from "./lifecycle.ts"

const DAY = 86_400_000
const FIT = { r: 0.6, alpha: 20, a: 0.8, b: 2.4 }
const days = (...list: number[]) => list.map((day) => day * DAY)
const at = (purchases: number[], day: number, fit: typeof FIT | null = null) =>
  lifecycleOf(days(...purchases), day * DAY, fit)

test("there is no lifecycle before the first purchase", () => {
  expect(at([], 10)).toBeNull()
})

test("a customer of one purchase is new, then at risk, then lapsed", () => {
  expect([10, 120, 121, 240, 241].map((day) => at([0], day))).toEqual([
    "new",
    "new",
    "at_risk",
    "at_risk",
    "lapsed",
  ])
})

test("silence is measured by the shopper's own rhythm, not in days", () => {
  const [weekly, yearly] = [
    [0, 7, 14, 21],
    [0, 360, 720],
  ]
  expect(at(weekly, 21 + 40)).toBe("lapsed")
  expect(at(yearly, 720 + 40)).toBe("active")
})

test("who comes back after having lapsed is won back, until the next purchase", () => {
  expect(at([0, 10, 20, 200], 201)).toBe("won_back")
  expect(at([0, 10, 20, 200, 205], 206)).toBe("active")
})

test("with a fit, P(alive) decides after the second purchase, and the shop's rhythm before", () => {
  expect(at([0, 10, 20, 30, 40], 45, FIT)).toBe("active")
  expect(at([0, 10, 20, 30, 40], 400, FIT)).toBe("lapsed")
  expect(at([0], 60, FIT)).toBe("new")
  expect(at([0], 140, FIT)).toBe("lapsed")
})
