import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { eligibleForAll, excludedRows, maskWithout } from "./eligibility.ts"
import { merchandisingSettings } from "./merchandising.ts"
import type { ShopProduct } from "./shop-product.ts"
import { assembleSlate, type Ranked } from "./slate.ts"

const product = (productId: number, over: Partial<ShopProduct> = {}): ShopProduct => ({
  productId,
  externalId: `p${productId}`,
  title: `Product ${productId}`,
  category: "",
  brand: "",
  priceCents: 100,
  currency: "USD",
  imageUrl: null,
  available: true,
  consumable: false,
  excluded: false,
  ...over,
})

const rules = merchandisingSettings.parse({})

function slateOf(products: readonly ShopProduct[], over: Partial<Parameters<typeof assembleSlate>[0]> = {}) {
  const ranked = products.map((_, index): Ranked => ({ row: index + 1, score: -index, because: 0 }))
  return assembleSlate({
    ranked,
    products,
    pinnedRows: [],
    allowed: () => true,
    rules,
    deeds: new Map(),
    contextRow: 0,
    count: 4,
    ...over,
  })
}

const catalogues = fc.array(
  fc.record({ category: fc.constantFrom("", "a", "b"), brand: fc.constantFrom("", "x", "y") }),
  { maxLength: 30 },
)

describe("a slate", () => {
  it("is as long as asked for while candidates last, without repeats, whatever the caps", () => {
    fc.assert(
      fc.property(
        catalogues,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 3 }),
        (parts, count, most) => {
          const products = parts.map((part, index) => product(index + 1, part))
          const slate = slateOf(products, {
            count,
            rules: { ...rules, mostOfCategory: most, mostOfBrand: most },
          })
          expect(slate).toHaveLength(Math.min(count, products.length))
          expect(new Set(slate.map(({ row }) => row)).size).toBe(slate.length)
        },
      ),
    )
  })

  it("holds no more of a category than allowed while others are there", () => {
    const products = [
      ...Array.from({ length: 6 }, (_, n) => product(n + 1, { category: "Mugs" })),
      product(7, { category: "Plates" }),
      product(8, { category: "Bowls" }),
    ]
    const slate = slateOf(products, { rules: { ...rules, mostOfCategory: 2, diversity: 0 } })
    expect(slate.map(({ row }) => row)).toEqual([1, 2, 7, 8])
  })

  it("keeps the ranking where the shop wants no diversity", () => {
    const products = Array.from({ length: 8 }, (_, n) =>
      product(n + 1, { category: `c${n}`, brand: `b${n}` }),
    )
    expect(slateOf(products, { rules: { ...rules, diversity: 0 } }).map(({ row }) => row)).toEqual([
      1, 2, 3, 4,
    ])
  })

  it("puts pinned products first, unless they may not be shown", () => {
    const products = Array.from({ length: 6 }, (_, n) => product(n + 1))
    const slate = slateOf(products, { pinnedRows: [6, 5], allowed: (row) => row !== 6, count: 3 })
    expect(slate.map(({ row }) => row)).toEqual([5, 1, 2])
    expect(slate[0]?.reason).toEqual({ kind: "pinned" })
  })

  it("names what the shopper did, and calls the page's own product similar", () => {
    const products = Array.from({ length: 6 }, (_, n) => product(n + 1))
    const ranked: Ranked[] = [
      { row: 1, score: 3, because: 5 },
      { row: 2, score: 2, because: 6 },
      { row: 3, score: 1, because: 0 },
    ]
    const slate = slateOf(products, { ranked, deeds: new Map([[5, "purchased"]]), contextRow: 6 })
    expect(slate.map(({ reason }) => reason)).toEqual([
      { kind: "purchased", item: "p5", title: "Product 5" },
      { kind: "similar", item: "p6", title: "Product 6" },
      { kind: "popular" },
    ])
  })
})

describe("eligibility", () => {
  it("leaves out what is sold out, taken out, or of a category or brand that is", () => {
    const products = [
      product(1),
      product(2, { available: false }),
      product(3, { excluded: true }),
      product(4, { category: "Gift Cards" }),
      product(5, { brand: "ACME" }),
    ]
    const mask = eligibleForAll(products, {
      ...rules,
      excludedCategories: ["gift cards"],
      excludedBrands: ["Acme"],
    })
    expect([...mask]).toEqual([0, 1, 0, 0, 0, 0])
  })

  it("leaves out what one shopper has: on the page, in the cart, bought, unless it runs out", () => {
    const products = [product(1), product(2), product(3), product(4, { consumable: true }), product(5)]
    const rows = excludedRows(products, { contextRow: 1, cartRows: [2], boughtRows: [3, 4] })
    expect([...maskWithout(eligibleForAll(products, rules), rows)]).toEqual([0, 0, 0, 0, 1, 1])
  })
})
