/** A product's record and the stock of its variants → its row among the products that can be recommended. */
import { z } from "zod"
import type { RecordState } from "./merge-record.ts"
import { columnCents } from "./money.ts"
import type { ProductVariant } from "./record.ts"
import { fieldOf } from "./record-fields.ts"
import { variantsOf } from "./variant-tracking.ts"

export type ProductRow = {
  external_id: string
  title: string
  description: string
  category: string
  brand: string
  price_cents: number | null
  image_url: string | null
  available: boolean
}

/** @param stockOf what is in stock of an inventory item over all locations; null where no level is known */
export function productRow(
  productId: string,
  product: RecordState,
  stockOf: (inventoryItemId: string) => number | null,
): ProductRow {
  const text = (name: string) => fieldOf(product, name, z.string()) ?? ""
  const given = variantsOf(product)
  return {
    external_id: productId,
    title: text("title"),
    description: text("description"),
    category: text("category"),
    brand: text("brand"),
    price_cents:
      given.length > 0 ? columnCents(Math.min(...given.map(({ priceCents }) => priceCents))) : null,
    image_url: fieldOf(product, "imageUrl", z.string()) ?? null,
    available:
      product.deletedMs === null &&
      fieldOf(product, "status", z.string()) === "active" &&
      fieldOf(product, "publishedAtMs", z.number()) !== undefined &&
      given.some((variant) => sells(variant, stockOf)),
  }
}

function sells(variant: ProductVariant, stockOf: (inventoryItemId: string) => number | null): boolean {
  if (variant.tracked === false || variant.sellsWhenOut) return true
  const counted = variant.inventoryItemId === null ? null : stockOf(variant.inventoryItemId)
  const stock = counted ?? variant.quantity
  // A stock that nobody told is no reason to hide a product.
  return stock === null || stock > 0
}
