/**
 * A histogram of waiting times in whole seconds, log-spaced: 0 and 1 have buckets of their own, then two for each
 * doubling (2, 3, 4–5, 6–7, 8–11, 12–15, …), the last one open. Histograms add up, so they can be kept by day and
 * segment, and taken away again.
 *
 * The median is read as the ⌈n/2⌉-th smallest value, placed inside its bucket by its rank. The true one lies in the
 * same bucket, whose ends are at most a factor 1.5 apart: so the estimate is within a factor 1.5, and `low` to `high`
 * are its bounds. (The layout is that of an HDR histogram with one significant bit, G. Tene, hdrhistogram.org.)
 */
export const GAP_BUCKETS = 34 // up to 2^17 s, a day and a half: longer than a visit can be

/** First whole second of a bucket. */
export function bucketStart(bucket: number): number {
  if (bucket < 2) return bucket
  const doubling = bucket >> 1
  return bucket % 2 === 0 ? 2 ** doubling : 3 * 2 ** (doubling - 1)
}

export function bucketOf(seconds: number): number {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 2) return whole
  const doubling = 31 - Math.clz32(Math.min(whole, 2 ** 30))
  const upperHalf = whole >= 3 * 2 ** (doubling - 1)
  return Math.min(GAP_BUCKETS - 1, 2 * doubling + (upperHalf ? 1 : 0))
}

/** Seconds; `low` ≤ true median ≤ `high`. */
export type MedianEstimate = { seconds: number; low: number; high: number }

/** @returns null for an empty histogram. */
export function medianOf(counts: readonly number[]): MedianEstimate | null {
  let total = 0
  for (const count of counts) total += count
  if (total <= 0) return null
  const rank = Math.ceil(total / 2)
  let before = 0
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const count = counts[bucket] ?? 0
    if (before + count >= rank) {
      const low = bucketStart(bucket)
      const high = Math.max(low, bucketStart(bucket + 1) - 1)
      return { seconds: low + (high - low) * ((rank - before - 0.5) / count), low, high }
    }
    before += count
  }
  return null
}
