import { diversify } from "./diversify.ts"
import type { Merchandising } from "./merchandising.ts"
import type { ShopProduct } from "./shop-product.ts"

/**
 * Why a product is in a slate. `item` and `title` name the product that speaks for it: one that the shopper viewed,
 * put into the cart or bought, or the one on the page (`similar`).
 */
export type Reason =
  | { kind: "viewed" | "carted" | "purchased" | "similar"; item: string; title: string }
  | { kind: "popular" }
  | { kind: "pinned" }

/** A ranked candidate: row of the item matrix, score, and the row that speaks for it (0 = none). */
export type Ranked = { row: number; score: number; because: number }

export type SlateEntry = { row: number; product: ShopProduct; score: number; reason: Reason }

/** Candidates asked for each product shown: room for the caps and the diversity to choose from. */
export const CANDIDATES_PER_PLACE = 5

/** How the shopper met the products of the history, by row; the latest stage counts. */
export type Deeds = ReadonlyMap<number, "viewed" | "carted" | "purchased">

function reasonOf(
  because: number,
  products: readonly ShopProduct[],
  deeds: Deeds,
  contextRow: number,
): Reason {
  const source = products[because - 1]
  if (source === undefined) return { kind: "popular" }
  const deed = deeds.get(because)
  if (deed === undefined && because !== contextRow) return { kind: "popular" }
  // Of the page itself it would say the obvious: "because you viewed this".
  const kind = because === contextRow ? "similar" : (deed ?? "similar")
  return { kind, item: source.externalId, title: source.title }
}

/**
 * Ranked candidates (all eligible, best first) → a slate of `count`: pinned products first, then by diversity.
 * Shorter only where fewer candidates came.
 */
export function assembleSlate(input: {
  ranked: readonly Ranked[]
  products: readonly ShopProduct[]
  pinnedRows: readonly number[]
  allowed: (row: number) => boolean
  rules: Merchandising
  deeds: Deeds
  contextRow: number
  count: number
}): SlateEntry[] {
  const { ranked, products, rules, deeds, contextRow, count } = input
  const scoreOf = new Map(ranked.map((one) => [one.row, one.score]))
  const pinned = input.pinnedRows
    .filter((row) => input.allowed(row))
    .slice(0, count)
    .flatMap((row): SlateEntry[] => {
      const product = products[row - 1]
      return product ? [{ row, product, score: scoreOf.get(row) ?? 0, reason: { kind: "pinned" } }] : []
    })
  const taken = new Set(pinned.map((entry) => entry.row))
  const rest = ranked.flatMap((one) => {
    const product = products[one.row - 1]
    return product && !taken.has(one.row) ? [{ ...one, product }] : []
  })
  const chosen = diversify(
    rest.map((one) => one.product),
    pinned.map((entry) => entry.product),
    count - pinned.length,
    rules,
  )
  return [
    ...pinned,
    ...chosen.flatMap((index): SlateEntry[] => {
      const one = rest[index]
      if (one === undefined) return []
      const reason = reasonOf(one.because, products, deeds, contextRow)
      return [{ row: one.row, product: one.product, score: one.score, reason }]
    }),
  ]
}
