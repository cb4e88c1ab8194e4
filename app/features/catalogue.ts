import type { Catalogue } from "./history-inputs.ts"
import type { FeatureItem } from "./item-inputs.ts"
import { priceBucket, priceEdges } from "./price-bucket.ts"

export type CatalogueItem = FeatureItem & {
  productId: number
  /** The source's own name; a model's items.json lists these. */
  externalId: string
  available: boolean
}

/** Rows of the item matrix: item k of the list (0-based) has row k + 1. */
export function catalogueOf(items: readonly CatalogueItem[]): Catalogue {
  const edges = priceEdges(items.flatMap((item) => (item.priceCents === null ? [] : [item.priceCents])))
  return {
    rowByProduct: new Map(items.map((item, index) => [item.productId, index + 1])),
    priceBucketByRow: [0, ...items.map((item) => priceBucket(item.priceCents, edges))],
    priceEdges: edges,
  }
}
