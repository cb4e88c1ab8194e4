import type { Collection, InventoryLevel, Product, Variant } from "./resources.ts"
import { required, type Store, type When } from "./store.ts"

export type NewVariant = Partial<Omit<Variant, "createdAtMs" | "updatedAtMs" | "position">> & {
  priceCents: number
  /** In stock at the first location; counted only where it is given. */
  available?: number
}

export type NewProduct = Partial<Omit<Product, "variants" | "createdAtMs" | "updatedAtMs">> & {
  title: string
  variants?: readonly NewVariant[]
}

export function makeProducts(store: Store) {
  function touch(product: Product, atMs: number): void {
    product.updatedAtMs = Math.max(product.updatedAtMs, atMs)
  }

  function makeVariant(product: Product, given: NewVariant, atMs: number): Variant {
    const variant: Variant = {
      id: given.id ?? store.nextId(),
      title: given.title ?? "Default Title",
      sku: given.sku ?? null,
      position: product.variants.length + 1,
      priceCents: given.priceCents,
      compareAtCents: given.compareAtCents ?? null,
      inventoryItemId: given.inventoryItemId ?? store.nextId(),
      tracked: given.tracked ?? given.available !== undefined,
      inventoryPolicy: given.inventoryPolicy ?? "deny",
      createdAtMs: atMs,
      updatedAtMs: atMs,
    }
    product.variants.push(variant)
    store.variants.set(variant.id, { product, variant })
    store.inventoryItems.set(variant.inventoryItemId, { product, variant })
    const [location] = store.locations.values()
    if (location && given.available !== undefined) putLevel(variant, location.id, given.available, atMs)
    return variant
  }

  function putLevel(variant: Variant, locationId: string, available: number, atMs: number): InventoryLevel {
    const level = { itemId: variant.inventoryItemId, locationId, available, updatedAtMs: atMs }
    store.levels.set(`${level.itemId}:${locationId}`, level)
    return level
  }

  function setInventory(
    itemId: string,
    locationId: string,
    available: number,
    { atMs = store.now() }: When = {},
  ): InventoryLevel {
    const { product, variant } = required(store.inventoryItems, "inventory item", itemId)
    required(store.locations, "location", locationId)
    const known = store.levels.has(`${itemId}:${locationId}`)
    const level = putLevel(variant, locationId, available, atMs)
    variant.updatedAtMs = atMs
    // Shopify counts a change of the stock as an update of the product.
    touch(product, atMs)
    store.tell({ topic: known ? "inventory_levels/update" : "inventory_levels/connect", level }, atMs)
    store.tell({ topic: "products/update", product }, atMs)
    return level
  }

  /** A place that stocks an item no more. */
  function disconnectInventory(itemId: string, locationId: string, { atMs = store.now() }: When = {}): void {
    const level = required(store.levels, "inventory level", `${itemId}:${locationId}`)
    store.levels.delete(`${itemId}:${locationId}`)
    const { product } = required(store.inventoryItems, "inventory item", itemId)
    touch(product, atMs)
    store.tell({ topic: "inventory_levels/disconnect", level }, atMs)
    store.tell({ topic: "products/update", product }, atMs)
  }

  function createProduct(given: NewProduct, { atMs = store.now() }: When = {}): Product {
    const id = given.id ?? store.nextId()
    const product: Product = {
      descriptionHtml: "",
      vendor: store.shop.name,
      productType: "",
      status: "active",
      publishedAtMs: atMs,
      tags: [],
      imageUrl: null,
      ...given,
      id,
      handle: given.handle ?? `product-${id}`,
      variants: [],
      createdAtMs: atMs,
      updatedAtMs: atMs,
    }
    for (const variant of given.variants ?? [{ priceCents: 1000 }]) makeVariant(product, variant, atMs)
    store.products.set(id, product)
    store.tell({ topic: "products/create", product }, atMs)
    return product
  }

  function updateProduct(
    id: string,
    change: Partial<Omit<NewProduct, "id" | "variants">> & { priceCents?: number },
    { atMs = store.now() }: When = {},
  ): Product {
    const product = required(store.products, "product", id)
    const { priceCents, ...fields } = change
    Object.assign(product, fields)
    if (priceCents !== undefined)
      for (const variant of product.variants) {
        variant.priceCents = priceCents
        variant.updatedAtMs = atMs
      }
    touch(product, atMs)
    store.tell({ topic: "products/update", product }, atMs)
    return product
  }

  function addVariant(productId: string, given: NewVariant, { atMs = store.now() }: When = {}): Variant {
    const product = required(store.products, "product", productId)
    const variant = makeVariant(product, given, atMs)
    touch(product, atMs)
    store.tell({ topic: "products/update", product }, atMs)
    return variant
  }

  function deleteProduct(id: string, { atMs = store.now() }: When = {}): void {
    const product = required(store.products, "product", id)
    for (const variant of product.variants) {
      store.variants.delete(variant.id)
      store.inventoryItems.delete(variant.inventoryItemId)
      for (const location of store.locations.keys())
        store.levels.delete(`${variant.inventoryItemId}:${location}`)
    }
    store.products.delete(id)
    for (const collection of store.collections.values())
      if (collection.productIds.includes(id))
        collection.productIds = collection.productIds.filter((other) => other !== id)
    store.tell({ topic: "products/delete", id }, atMs)
  }

  function createCollection(
    given: Partial<Omit<Collection, "updatedAtMs">> & { title: string },
    { atMs = store.now() }: When = {},
  ): Collection {
    const id = given.id ?? store.nextId()
    const collection: Collection = {
      descriptionHtml: "",
      productIds: [],
      publishedAtMs: atMs,
      ...given,
      id,
      handle: given.handle ?? `collection-${id}`,
      updatedAtMs: atMs,
    }
    store.collections.set(id, collection)
    store.tell({ topic: "collections/create", collection }, atMs)
    return collection
  }

  function updateCollection(
    id: string,
    change: Partial<Omit<Collection, "id" | "updatedAtMs">>,
    { atMs = store.now() }: When = {},
  ): Collection {
    const collection = Object.assign(required(store.collections, "collection", id), change, {
      updatedAtMs: atMs,
    })
    store.tell({ topic: "collections/update", collection }, atMs)
    return collection
  }

  function deleteCollection(id: string, { atMs = store.now() }: When = {}): void {
    required(store.collections, "collection", id)
    store.collections.delete(id)
    store.tell({ topic: "collections/delete", id }, atMs)
  }

  return {
    setInventory,
    disconnectInventory,
    createProduct,
    updateProduct,
    addVariant,
    deleteProduct,
    createCollection,
    updateCollection,
    deleteCollection,
  }
}
