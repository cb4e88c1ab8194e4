import type { Merchandising } from "./merchandising.ts"
import type { ShopProduct } from "./shop-product.ts"

/**
 * Who may be shown what. Filters apply before the top k is taken, in two parts: a mask for everybody (kept with the
 * catalogue) and the rows that one shopper may not see. So no slate comes out short while eligible products exist.
 */

const folded = (names: readonly string[]) => new Set(names.map((name) => name.trim().toLowerCase()))

/** (rows,) 1 where a product may be shown to anybody: available, not taken out by the merchant. Row 0 is 0. */
export function eligibleForAll(products: readonly ShopProduct[], rules: Merchandising): Uint8Array {
  const categories = folded(rules.excludedCategories)
  const brands = folded(rules.excludedBrands)
  const mask = new Uint8Array(products.length + 1)
  for (const [index, product] of products.entries()) {
    const ok =
      product.available &&
      !product.excluded &&
      !categories.has(product.category.trim().toLowerCase()) &&
      !brands.has(product.brand.trim().toLowerCase())
    mask[index + 1] = ok ? 1 : 0
  }
  return mask
}

export type ShopperContext = {
  /** Row of the product being looked at, or 0. */
  contextRow: number
  cartRows: readonly number[]
  /** Rows of everything this person ever bought and did not give back. */
  boughtRows: readonly number[]
}

/** Rows that this shopper may not be shown: what they look at, have in the cart, or bought (unless it runs out). */
export function excludedRows(products: readonly ShopProduct[], shopper: ShopperContext): Int32Array {
  const rows = new Set<number>(shopper.cartRows)
  if (shopper.contextRow > 0) rows.add(shopper.contextRow)
  for (const row of shopper.boughtRows) if (products[row - 1]?.consumable !== true) rows.add(row)
  rows.delete(0)
  return Int32Array.from(rows)
}

/** The mask for everybody with one shopper's rows taken out. */
export function maskWithout(everybody: Uint8Array, excluded: Int32Array): Uint8Array {
  const mask = everybody.slice()
  for (const row of excluded) mask[row] = 0
  return mask
}
