import type { Product, Variant } from "../../state/resources.ts"
import { amount, at, atOrNull, ids, type PayloadSource } from "./rest-format.ts"

/** A payload lists no more variants than this; `variant_gids` names them all. */
const MOST_VARIANTS = 100

/** products/create, products/update */
export function productPayload(source: PayloadSource, product: Product): object {
  return {
    ...ids("Product", product.id),
    body_html: product.descriptionHtml,
    created_at: at(source, product.createdAtMs),
    handle: product.handle,
    product_type: product.productType,
    published_at: atOrNull(source, product.publishedAtMs),
    template_suffix: null,
    title: product.title,
    updated_at: at(source, product.updatedAtMs),
    vendor: product.vendor,
    status: product.status,
    published_scope: "global",
    tags: product.tags.join(", "),
    variants: product.variants
      .slice(0, MOST_VARIANTS)
      .map((variant) => variantPayload(source, product, variant)),
    options: [{ name: "Title", id: Number(product.id), product_id: Number(product.id), position: 1 }],
    images: product.imageUrl === null ? [] : [imagePayload(product)],
    image: product.imageUrl === null ? null : imagePayload(product),
    media: [],
    variant_gids: product.variants.map((variant) => ({
      admin_graphql_api_id: `gid://shopify/ProductVariant/${variant.id}`,
      updated_at: at(source, variant.updatedAtMs),
    })),
    has_variants_that_requires_components: false,
    category: null,
  }
}

/** products/delete names the product and nothing else. */
export const deletedPayload = (id: string): object => ({ id: Number(id) })

/** Whether stock is counted is the inventory item's affair; since the new product model this payload does not say. */
function variantPayload(source: PayloadSource, product: Product, variant: Variant): object {
  const inStock = [...source.locations.keys()].reduce(
    (sum, location) => sum + (source.levels.get(`${variant.inventoryItemId}:${location}`)?.available ?? 0),
    0,
  )
  return {
    ...ids("ProductVariant", variant.id),
    product_id: Number(product.id),
    barcode: null,
    compare_at_price: variant.compareAtCents === null ? null : amount(variant.compareAtCents),
    created_at: at(source, variant.createdAtMs),
    inventory_policy: variant.inventoryPolicy,
    position: variant.position,
    price: amount(variant.priceCents),
    sku: variant.sku,
    taxable: true,
    title: variant.title,
    updated_at: at(source, variant.updatedAtMs),
    option1: variant.title,
    option2: null,
    option3: null,
    image_id: null,
    inventory_item_id: Number(variant.inventoryItemId),
    inventory_quantity: inStock,
    old_inventory_quantity: inStock,
  }
}

const imagePayload = (product: Product) => ({
  product_id: Number(product.id),
  position: 1,
  alt: null,
  src: product.imageUrl,
  variant_ids: [],
})
