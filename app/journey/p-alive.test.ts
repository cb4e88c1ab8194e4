import fc from "fast-check"
import { expect, test } from "vitest"
import { pAlive } from "./p-alive.ts"

const FIT = { r: 1.4, alpha: 9, a: 1.6, b: 2.7 }

/** P(alive) from the model's own story, by summing over purchase rates and dropout probabilities. */
function byIntegration(repeats: number, lastDays: number, ageDays: number): number {
  const { r, alpha, a, b } = FIT
  let [alive, gone] = [0, 0]
  for (let rate = 0.0005; rate < 4; rate += 0.001) {
    const rateDensity = rate ** (r - 1) * Math.exp(-alpha * rate)
    for (let p = 0.0025; p < 1; p += 0.005) {
      const weight = rateDensity * p ** (a - 1) * (1 - p) ** (b - 1)
      alive += weight * (1 - p) ** repeats * rate ** repeats * Math.exp(-rate * ageDays)
      if (repeats > 0)
        gone += weight * p * (1 - p) ** (repeats - 1) * rate ** repeats * Math.exp(-rate * lastDays)
    }
  }
  return alive / (alive + gone)
}

test.each([
  [1, 4, 10],
  [3, 20, 26],
  [6, 30, 80],
])(
  "%i repeats, the last on day %i of %i: the closed form equals the integral over customers",
  (x, last, age) => {
    expect(pAlive(FIT, x, last, age)).toBeCloseTo(byIntegration(x, last, age), 3)
  },
)

test("a customer of one purchase is alive to the model", () => {
  expect(pAlive(FIT, 0, 0, 5_000)).toBe(1)
})

test("it is a probability that falls with silence, at any length of history", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 4_000, noNaN: true }),
      fc.double({ min: 0, max: 40_000, noNaN: true }),
      (repeats, last, silence) => {
        const now = pAlive(FIT, repeats, last, last + silence)
        expect(now).toBeGreaterThanOrEqual(0)
        expect(now).toBeLessThanOrEqual(1)
        expect(pAlive(FIT, repeats, last, last + silence + 30)).toBeLessThanOrEqual(now)
      },
    ),
  )
})

test("parameters and times that mean nothing are refused", () => {
  expect(() => pAlive({ ...FIT, alpha: 0 }, 1, 1, 2)).toThrow(/above 0/)
  expect(() => pAlive(FIT, 1, 3, 2)).toThrow(/lastDays/)
})
