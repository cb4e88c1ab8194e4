import type { ShopProduct } from "./shop-product.ts"

/**
 * Greedy re-ranking by maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998):
 *
 *   next = argmax (1 − λ/2) · rank score − λ/2 · max likeness to what is in the slate
 *
 * Rank score falls linearly from 1 for the best candidate to 0 for the last, so that it does not depend on a model's
 * scale. Likeness: 1 for one category and brand, .6 for one category, .3 for one brand. Caps on a category and on a
 * brand come before that, and give way rather than leave a slate short.
 */
export type DiversityRules = { diversity: number; mostOfCategory: number; mostOfBrand: number }

const SAME_CATEGORY = 0.6
const SAME_BRAND = 0.3

/** Empty names are not one brand. */
const same = (a: string, b: string) => a !== "" && a.toLowerCase() === b.toLowerCase()

function likeness(a: ShopProduct, b: ShopProduct): number {
  const category = same(a.category, b.category)
  const brand = same(a.brand, b.brand)
  if (category && brand) return 1
  return (category ? SAME_CATEGORY : 0) + (brand ? SAME_BRAND : 0)
}

/** Chooses `count` of the candidates (best first); `taken` are in the slate already. Returns candidates' indices. */
export function diversify(
  candidates: readonly ShopProduct[],
  taken: readonly ShopProduct[],
  count: number,
  rules: DiversityRules,
): number[] {
  const slate = [...taken]
  const left = new Set(candidates.keys())
  const likest = new Float64Array(candidates.length)
  const meet = (member: ShopProduct) => {
    for (const index of left) {
      const candidate = candidates[index]
      if (candidate) likest[index] = Math.max(likest[index] ?? 0, likeness(candidate, member))
    }
  }
  for (const member of slate) meet(member)
  const within = (candidate: ShopProduct) =>
    slate.filter((member) => same(member.category, candidate.category)).length < rules.mostOfCategory &&
    slate.filter((member) => same(member.brand, candidate.brand)).length < rules.mostOfBrand
  const last = Math.max(1, candidates.length - 1)
  const half = rules.diversity / 2
  const chosen: number[] = []
  while (chosen.length < count && left.size > 0) {
    let best: number | undefined
    let bestValue = Number.NEGATIVE_INFINITY
    for (const capped of [true, false]) {
      for (const index of left) {
        const candidate = candidates[index]
        if (!candidate || (capped && !within(candidate))) continue
        const value = (1 - half) * (1 - index / last) - half * (likest[index] ?? 0)
        if (value > bestValue) {
          bestValue = value
          best = index
        }
      }
      if (best !== undefined) break
    }
    const candidate = best === undefined ? undefined : candidates[best]
    if (best === undefined || candidate === undefined) break
    chosen.push(best)
    left.delete(best)
    slate.push(candidate)
    meet(candidate)
  }
  return chosen
}
