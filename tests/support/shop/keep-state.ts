/** A shop's state as text and back, so that a demo that is started again is the same shop. */

import type { AccessToken, ProtectedData, RefreshToken } from "./state/installation.ts"
import type {
  Cart,
  Checkout,
  Collection,
  Customer,
  InventoryLevel,
  Location,
  Metafield,
  Order,
  Product,
  Shop,
} from "./state/resources.ts"
import type { ShopState } from "./state.ts"

type Kept = {
  shop: Shop
  locations: Location[]
  products: Product[]
  levels: InventoryLevel[]
  collections: Collection[]
  customers: Customer[]
  carts: Cart[]
  checkouts: Checkout[]
  orders: Order[]
  metafields: Metafield[]
  installation: {
    installedAtMs: number | null
    scopes: string[]
    protectedData: ProtectedData[]
    tokens: [string, AccessToken][]
    refreshTokens: [string, RefreshToken][]
  }
  nextId: number
}

export function stateText({ store }: ShopState): string {
  const { installation } = store
  const kept: Kept = {
    shop: store.shop,
    locations: [...store.locations.values()],
    products: [...store.products.values()],
    levels: [...store.levels.values()],
    collections: [...store.collections.values()],
    customers: [...store.customers.values()],
    carts: [...store.carts.values()],
    checkouts: [...store.checkouts.values()],
    orders: [...store.orders.values()],
    metafields: [...store.metafields.values()],
    installation: {
      installedAtMs: installation.installedAtMs,
      scopes: installation.scopes,
      protectedData: [...installation.protectedData],
      tokens: [...installation.tokens],
      refreshTokens: [...installation.refreshTokens],
    },
    nextId: Number(store.nextId()),
  }
  return JSON.stringify(kept)
}

/** Fills a fresh state with what was kept. Nobody is told: it has all happened before. */
export function restoreState({ store }: ShopState, text: string): void {
  const kept: Kept = JSON.parse(text)
  Object.assign(store.shop, kept.shop)
  fill(store.locations, kept.locations, ({ id }) => id)
  fill(store.products, kept.products, ({ id }) => id)
  fill(store.levels, kept.levels, ({ itemId, locationId }) => `${itemId}:${locationId}`)
  fill(store.collections, kept.collections, ({ id }) => id)
  fill(store.customers, kept.customers, ({ id }) => id)
  fill(store.carts, kept.carts, ({ token }) => token)
  fill(store.checkouts, kept.checkouts, ({ token }) => token)
  fill(store.orders, kept.orders, ({ id }) => id)
  fill(store.metafields, kept.metafields, ({ ownerId, namespace, key }) => `${ownerId}|${namespace}|${key}`)
  for (const product of kept.products)
    for (const variant of product.variants) {
      store.variants.set(variant.id, { product, variant })
      store.inventoryItems.set(variant.inventoryItemId, { product, variant })
    }
  for (const order of kept.orders) {
    if (order.customerId === null) continue
    const before = store.ordersByCustomer.get(order.customerId)
    if (before) before.push(order)
    else store.ordersByCustomer.set(order.customerId, [order])
  }
  const { installation } = store
  const { tokens, refreshTokens, protectedData, ...rest } = kept.installation
  Object.assign(installation, rest, {
    protectedData: new Set(protectedData),
    tokens: new Map(tokens),
    refreshTokens: new Map(refreshTokens),
  })
  while (Number(store.nextId()) < kept.nextId);
  store.revision++
}

function fill<T>(map: Map<string, T>, values: readonly T[], keyOf: (value: T) => string): void {
  map.clear()
  for (const value of values) map.set(keyOf(value), value)
}
