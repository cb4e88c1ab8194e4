import fc from "fast-check"
import { expect, test } from "vitest"
import { bucketOf, bucketStart, GAP_BUCKETS, medianOf } from "./gap-histogram.ts"

const histogram = (seconds: readonly number[]) => {
  const counts = new Array<number>(GAP_BUCKETS).fill(0)
  for (const value of seconds) counts[bucketOf(value)] = (counts[bucketOf(value)] ?? 0) + 1
  return counts
}

test("every second falls into the bucket that starts at or before it", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 1800].map(bucketOf)).toEqual([0, 1, 2, 3, 4, 4, 5, 6, 6, 7, 21])
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 131_071 }), (seconds) => {
      const bucket = bucketOf(seconds)
      expect(bucketStart(bucket)).toBeLessThanOrEqual(seconds)
      if (bucket < GAP_BUCKETS - 1) expect(bucketStart(bucket + 1)).toBeGreaterThan(seconds)
    }),
  )
})

test("the estimated median and the true one lie within a factor 1.5, between the stated bounds", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1 }), (seconds) => {
      const sorted = [...seconds].sort((a, b) => a - b)
      const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
      const estimate = medianOf(histogram(seconds))
      expect(estimate?.low).toBeLessThanOrEqual(median)
      expect(estimate?.high).toBeGreaterThanOrEqual(median)
      expect(estimate?.seconds).toBeLessThanOrEqual(1.5 * median)
      expect(1.5 * (estimate?.seconds ?? 0)).toBeGreaterThanOrEqual(median)
    }),
  )
})

test("an empty histogram has no median", () => {
  expect(medianOf([])).toBeNull()
  expect(medianOf(histogram([]))).toBeNull()
})
