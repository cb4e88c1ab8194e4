/** The catalogue as the storefront's pages need it, read off the shop's state and kept until a product changes. */
import type { Product } from "./state/resources.ts"
import type { ShopState } from "./state.ts"

export type ShopProduct = {
  /** The shop's id of it. */
  item: string
  variantId: string
  /** The merchant's own code for it, else the id. */
  code: string
  title: string
  handle: string
  /** HTML, as the merchant wrote it. */
  description: string
  category: string
  brand: string
  /** Handle of the collection that it stands in. */
  collection: string
  priceCents: number
  compareAtCents: number
  available: boolean
  image: string
}

export type ShopCollection = { handle: string; title: string; products: ShopProduct[] }

export type ShopCatalogue = {
  byItem: ReadonlyMap<string, ShopProduct>
  byHandle: ReadonlyMap<string, ShopProduct>
  collections: readonly ShopCollection[]
}

/** Gives the catalogue as it is now. */
export function liveCatalogue(state: ShopState): () => ShopCatalogue {
  let known: ShopCatalogue | undefined
  state.onChange(({ topic }) => {
    if (/^(products|collections|inventory_levels)\//.test(topic)) known = undefined
  })
  return () => {
    known ??= readCatalogue(state)
    return known
  }
}

function readCatalogue(state: ShopState): ShopCatalogue {
  const { store } = state
  const collectionOf = new Map<string, string>()
  const collections = new Map<string, ShopCollection>()
  for (const { handle, title, productIds } of store.collections.values()) {
    collections.set(handle, { handle, title, products: [] })
    for (const id of productIds) collectionOf.set(id, handle)
  }
  const byItem = new Map<string, ShopProduct>()
  const byHandle = new Map<string, ShopProduct>()
  for (const given of store.products.values()) {
    if (given.status !== "active" || given.publishedAtMs === null) continue
    const product = shown(state, given, collectionOf.get(given.id) ?? "all")
    byItem.set(product.item, product)
    byHandle.set(product.handle, product)
    const shelf = collections.get(product.collection) ?? {
      handle: product.collection,
      title: "All products",
      products: [],
    }
    shelf.products.push(product)
    collections.set(product.collection, shelf)
  }
  return {
    byItem,
    byHandle,
    collections: [...collections.values()].filter(({ products }) => products.length > 0),
  }
}

function shown(state: ShopState, product: Product, collection: string): ShopProduct {
  const [variant] = product.variants
  return {
    item: product.id,
    variantId: variant?.id ?? "",
    code: variant?.sku ?? product.id,
    title: product.title,
    handle: product.handle,
    description: product.descriptionHtml,
    category: product.productType,
    brand: product.vendor,
    collection,
    priceCents: variant?.priceCents ?? 0,
    compareAtCents: variant?.compareAtCents ?? 0,
    available: product.variants.some((one) => isAvailable(state, one)),
    image: `/images/${encodeURIComponent(product.id)}.svg`,
  }
}

/** Sold where its stock is not counted, goes on when out, or is not out. */
function isAvailable(
  { store }: ShopState,
  { tracked, inventoryPolicy, inventoryItemId }: Product["variants"][number],
): boolean {
  if (!tracked || inventoryPolicy === "continue") return true
  for (const location of store.locations.keys())
    if ((store.levels.get(`${inventoryItemId}:${location}`)?.available ?? 0) > 0) return true
  return false
}
