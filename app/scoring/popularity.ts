import type { EventType } from "../capture/event.ts"

/**
 * Popularity with recency: Σ weight(type) · 2^(−age / half-life) over a product's events. Recent popularity beats
 * all-time popularity on time splits ("A Re-visit of the Popularity Baseline", arXiv 2005.13829).
 */

/** A week: a season's change shows within days, and one busy afternoon does not rule the next month. */
export const POPULARITY_HALF_LIFE_DAYS = 7

const DAY_MS = 86_400_000

/** Later stages say more about wanting a product; a refund takes a purchase back. */
const WEIGHTS: Partial<Record<EventType, number>> = {
  product_view: 1,
  recommendation_click: 1,
  favourite: 2,
  cart_add: 2,
  purchase: 4,
  refund: -4,
}

export function popularityWeight(type: EventType, atMs: number, asOfMs: number): number {
  const ageDays = Math.max(0, asOfMs - atMs) / DAY_MS
  return (WEIGHTS[type] ?? 0) * 2 ** (-ageDays / POPULARITY_HALF_LIFE_DAYS)
}
