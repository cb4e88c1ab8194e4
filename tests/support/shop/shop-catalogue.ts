import type { PlainItem } from "../../../app/capture/event.ts"

/** A product as the storefront knows it: an items file's line with the address that Shopify would give it. */
export type ShopProduct = PlainItem & {
  handle: string
  collection: string
  priceCents: number
  available: boolean
}

export type ShopCollection = { handle: string; title: string; products: ShopProduct[] }

export type ShopCatalogue = {
  byItem: ReadonlyMap<string, ShopProduct>
  byHandle: ReadonlyMap<string, ShopProduct>
  collections: readonly ShopCollection[]
}

export function slug(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80)
}

/** Items without a category share one collection; a title that two products share gets the item's name behind it. */
export function makeShopCatalogue(items: readonly PlainItem[]): ShopCatalogue {
  const byItem = new Map<string, ShopProduct>()
  const byHandle = new Map<string, ShopProduct>()
  const collections = new Map<string, ShopCollection>()
  for (const item of items) {
    const title = item.category || "All products"
    const plain = slug(item.title) || slug(item.item)
    const product: ShopProduct = {
      ...item,
      title: item.title || item.item,
      handle: byHandle.has(plain) ? `${plain}-${slug(item.item)}` : plain,
      collection: slug(title) || "all",
      priceCents: item.priceCents ?? 0,
      available: item.available ?? true,
    }
    byItem.set(product.item, product)
    byHandle.set(product.handle, product)
    const collection = collections.get(product.collection) ?? {
      handle: product.collection,
      title,
      products: [],
    }
    collection.products.push(product)
    collections.set(product.collection, collection)
  }
  return { byItem, byHandle, collections: [...collections.values()] }
}
