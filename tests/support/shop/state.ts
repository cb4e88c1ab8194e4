/**
 * The simulated shop's own truth: products, customers, orders and the app's installation, in memory, by a clock that
 * may be given. Every change goes through a function here; it sets `updatedAtMs` and tells the listeners, as Shopify
 * sends webhooks. The Admin API (admin/) reads it.
 */
import { makeBaskets } from "./state/baskets.ts"
import type { ShopChange } from "./state/change.ts"
import { makeCustomers } from "./state/customers.ts"
import { ALL_PROTECTED_DATA, makeInstallation } from "./state/installation.ts"
import { makeOrders } from "./state/orders.ts"
import { makeProducts } from "./state/products.ts"
import type { Location, Metafield, Shop } from "./state/resources.ts"
import type { Store, When } from "./state/store.ts"

export type ShopStateOptions = {
  domain: string
  name?: string
  currency?: string
  timeZone?: string
  country?: string
  apiKey: string
  apiSecret: string
  /** The shop's clock, epoch milliseconds; the machine's without one. */
  now?: () => number
}

export type ShopState = ReturnType<typeof makeShopState>

const FIRST_ID = 7_000_000_000_001 // as long as Shopify's, and past what 32 bits hold

export function makeShopState(options: ShopStateOptions) {
  const now = options.now ?? Date.now
  const listeners = new Set<(change: ShopChange) => void>()
  let lastId = FIRST_ID
  const startedMs = now()
  const store: Store = {
    now,
    nextId: () => String(lastId++),
    revision: 0,
    shop: {
      id: String(lastId++),
      domain: options.domain,
      name: options.name ?? options.domain.replace(/\..*$/, ""),
      email: `owner@${options.domain}`,
      currency: options.currency ?? "GBP",
      timeZone: options.timeZone ?? "Europe/London",
      country: options.country ?? "GB",
      plan: "Development",
      createdAtMs: startedMs,
      updatedAtMs: startedMs,
    },
    locations: new Map(),
    products: new Map(),
    variants: new Map(),
    inventoryItems: new Map(),
    levels: new Map(),
    collections: new Map(),
    customers: new Map(),
    carts: new Map(),
    checkouts: new Map(),
    orders: new Map(),
    ordersByCustomer: new Map(),
    metafields: new Map(),
    installation: {
      apiKey: options.apiKey,
      secrets: [options.apiSecret],
      installedAtMs: null,
      scopes: [],
      protectedData: new Set(ALL_PROTECTED_DATA),
      tokens: new Map(),
      refreshTokens: new Map(),
    },
    tell: (change, atMs) => {
      store.revision++
      if (listeners.size === 0) return
      const told: ShopChange = { ...change, atMs }
      for (const listener of listeners) listener(told)
    },
  }
  addLocation("Main warehouse", startedMs)
  const products = makeProducts(store)

  function addLocation(name: string, atMs: number): Location {
    const location = { id: store.nextId(), name, active: true, createdAtMs: atMs, updatedAtMs: atMs }
    store.locations.set(location.id, location)
    return location
  }

  return {
    store,
    now,
    /** Told of every change at once, in the order of happening. Gives a function that ends it. */
    onChange(listener: (change: ShopChange) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ...products,
    ...makeCustomers(store),
    ...makeBaskets(store),
    ...makeOrders(store, products),
    ...makeInstallation(store),
    addLocation: (name: string, { atMs = now() }: When = {}) => addLocation(name, atMs),
    updateShop(
      change: Partial<Omit<Shop, "id" | "domain" | "createdAtMs" | "updatedAtMs">>,
      { atMs = now() }: When = {},
    ): Shop {
      Object.assign(store.shop, change, { updatedAtMs: atMs })
      store.tell({ topic: "shop/update", shop: store.shop }, atMs)
      return store.shop
    },
    /** What the app wrote beside a resource; `ownerId` is its gid, `$app` the app's own namespace. */
    metafield: (ownerId: string, namespace: string, key: string): Metafield | undefined =>
      store.metafields.get(`${ownerId}|${namespace}|${key}`),
    setMetafield(
      given: Pick<Metafield, "ownerId" | "namespace" | "key" | "type" | "value">,
      { atMs = now() }: When = {},
    ): Metafield {
      const name = `${given.ownerId}|${given.namespace}|${given.key}`
      const known = store.metafields.get(name)
      const metafield = {
        id: known?.id ?? store.nextId(),
        createdAtMs: known?.createdAtMs ?? atMs,
        ...given,
        updatedAtMs: atMs,
      }
      store.metafields.set(name, metafield)
      store.revision++
      return metafield
    },
  }
}
