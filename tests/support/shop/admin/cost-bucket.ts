/** The bucket of points that an app's queries to one shop come out of. */

export type CostKnobs = { maximumAvailable: number; restoreRate: number }

/** Of a shop on Shopify's standard plans. */
const STANDARD: CostKnobs = { maximumAvailable: 2000, restoreRate: 100 }

export type CostBucket = ReturnType<typeof makeCostBucket>

export function makeCostBucket(now: () => number, given: Partial<CostKnobs> = {}) {
  const knobs = { ...STANDARD, ...given }
  let available = knobs.maximumAvailable
  let lastMs = now()

  function restore(): void {
    const elapsedMs = Math.max(0, now() - lastMs)
    lastMs = now()
    available = Math.min(knobs.maximumAvailable, available + (elapsedMs / 1000) * knobs.restoreRate)
  }

  return {
    knobs,
    /** Whether there are points enough; they are taken by what the query cost in truth. */
    allows(requested: number): boolean {
      restore()
      return available >= requested
    },
    take(actual: number): void {
      available = Math.max(0, available - actual)
    },
    status: () => ({
      maximumAvailable: knobs.maximumAvailable,
      currentlyAvailable: Math.floor(available),
      restoreRate: knobs.restoreRate,
    }),
  }
}
