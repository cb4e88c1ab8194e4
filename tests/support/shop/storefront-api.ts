/** The part of the Storefront API that the block asks for: products by id, with prices in the visitor's currency. */
import type { ShopProduct } from "./shop-catalogue.ts"

export type StorefrontAnswer = { data: { nodes: (object | null)[] } } | { errors: { message: string }[] }

export function answerStorefrontQuery(
  body: unknown,
  find: (item: string) => ShopProduct | undefined,
  currencyCode: string,
): StorefrontAnswer {
  const { query, variables } = Object(body)
  const ids = Object(variables).ids
  if (typeof query !== "string" || !query.includes("nodes(ids: $ids)") || !Array.isArray(ids))
    return { errors: [{ message: "Expected a query of nodes(ids: $ids) with variables.ids." }] }
  const amount = (cents: number) => ({ amount: (cents / 100).toFixed(2), currencyCode })
  const nodes = ids.map((id) => {
    const product = find(String(id).replace("gid://shopify/Product/", ""))
    if (!product) return null
    return {
      id,
      title: product.title,
      handle: product.handle,
      availableForSale: product.available,
      featuredImage: { url: product.image, small: product.image },
      priceRange: {
        minVariantPrice: amount(product.priceCents),
        maxVariantPrice: amount(product.priceCents),
      },
      compareAtPriceRange: { maxVariantPrice: amount(product.compareAtCents) },
    }
  })
  return { data: { nodes } }
}
