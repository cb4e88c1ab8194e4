import fc from "fast-check"
import { expect, test } from "vitest"
import { makeTokenBucket } from "./token-bucket.ts"

test("a key spends its burst, waits, and gets back what time gives", () => {
  const bucket = makeTokenBucket({ perSecond: 2, burst: 3, maxKeys: 10 })
  expect([0, 0, 0, 0].map((nowMs) => bucket.take("a", nowMs))).toEqual([true, true, true, false])
  expect(bucket.take("a", 400)).toBe(false)
  expect(bucket.take("a", 500)).toBe(true)
  expect(bucket.take("b", 500)).toBe(true)
})

test("no more than the burst and what time gives ever passes, whatever the order of requests", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2_000), { maxLength: 200 }), (gaps) => {
      const bucket = makeTokenBucket({ perSecond: 5, burst: 10, maxKeys: 10 })
      let nowMs = 0
      let passed = 0
      for (const gap of gaps) {
        nowMs += gap
        if (bucket.take("a", nowMs)) passed++
      }
      expect(passed).toBeLessThanOrEqual(10 + (nowMs / 1000) * 5 + 1e-6)
    }),
  )
})

test("made-up keys push out the oldest and never grow the memory past its bound", () => {
  const bucket = makeTokenBucket({ perSecond: 0, burst: 1, maxKeys: 3 })
  expect(bucket.take("a", 0)).toBe(true)
  for (const key of ["b", "c", "d"]) bucket.take(key, 0)
  expect(bucket.take("a", 0)).toBe(true)
  expect(bucket.take("d", 0)).toBe(false)
})

test("a clock that goes back gives nothing", () => {
  const bucket = makeTokenBucket({ perSecond: 1, burst: 1, maxKeys: 3 })
  expect(bucket.take("a", 10_000)).toBe(true)
  expect(bucket.take("a", 0)).toBe(false)
})
