import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { EVALUATION_TARGETS, timeCuts } from "./time-cuts.ts"

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 5)
const day = (count: number) => START_MS + count * DAY_MS
const daily = (days: number) => Float64Array.from({ length: days + 1 }, (_, index) => day(index))

test("the next event is asked of the last tenth of the events, chosen by the tenth before", () => {
  expect(timeCuts("next-event", daily(99), null)).toEqual({
    startMs: day(0),
    validationMs: day(80),
    testMs: day(90),
    endMs: day(99) + 1,
  })
})

test("baskets are asked of the last 30 days of a long log, of the last quarter of a short one", () => {
  expect(timeCuts("next-basket", daily(200), null)).toMatchObject({
    validationMs: day(140) - 1,
    testMs: day(170),
  })
  expect(timeCuts("next-basket", daily(80), null)).toMatchObject({
    validationMs: day(40) - 1,
    testMs: day(60),
  })
})

test("customers are known by the first half of the log and asked about the second", () => {
  expect(timeCuts("return", daily(546), null).testMs).toBe(day(273))
})

test("a cut that is given begins the test, and validation lies before it", () => {
  for (const target of EVALUATION_TARGETS)
    expect(timeCuts(target, daily(100), day(60))).toMatchObject({ testMs: day(60) })
  expect(timeCuts("purchase", daily(100), day(45)).validationMs).toBe(day(40))
})

describe("refused with what to do", () => {
  test("a cut outside the log", () => {
    for (const cutMs of [day(-1), day(0), day(101)])
      expect(() => timeCuts("purchase", daily(100), cutMs)).toThrow(/not inside the log/)
  })

  test("a log of one moment", () => {
    expect(() => timeCuts("next-event", new Float64Array([5, 5, 5]), null)).toThrow(/leave-one-out/)
  })
})

test("every part of a log has some time, whatever the log", () => {
  const times = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 60 })
  fc.assert(
    fc.property(times, fc.constantFrom(...EVALUATION_TARGETS), (days, target) => {
      const sorted = Float64Array.from(days, day).sort()
      fc.pre(sorted[0] !== sorted.at(-1))
      const { startMs, validationMs, testMs, endMs } = timeCuts(target, sorted, null)
      expect(startMs).toBeLessThanOrEqual(validationMs)
      expect(validationMs).toBeLessThan(testMs)
      expect(testMs).toBeLessThan(endMs)
      expect(sorted.some((ms) => ms >= testMs)).toBe(true)
      expect(sorted.some((ms) => ms < testMs)).toBe(true)
    }),
  )
})
