/** Price as a percentile of the shop's own catalogue, so that models do not depend on the currency. */

/** Buckets 1..PRICE_BUCKETS; 0 = no price known. 16 steps of about 6 %: finer steps hold too few products each. */
export const PRICE_BUCKETS = 16

/** The PRICE_BUCKETS − 1 inner quantiles of a catalogue's prices, in cents, ascending. Empty without prices. */
export function priceEdges(pricesCents: Iterable<number>): number[] {
  const sorted = Float64Array.from(pricesCents).sort()
  if (sorted.length === 0) return []
  return Array.from({ length: PRICE_BUCKETS - 1 }, (_, index) => {
    const position = Math.ceil(((index + 1) * sorted.length) / PRICE_BUCKETS) - 1
    return sorted[Math.max(0, position)] ?? 0
  })
}

/** Bucket of a price: 1 + the number of edges below it. */
export function priceBucket(priceCents: number | null, edges: readonly number[]): number {
  if (priceCents === null || edges.length === 0) return 0
  let bucket = 1
  for (const edge of edges) if (priceCents > edge) bucket += 1
  return bucket
}
