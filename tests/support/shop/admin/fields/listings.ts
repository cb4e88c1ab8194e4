import { fulfilmentStatus } from "../../state/order-sums.ts"
import type {
  Checkout,
  Collection,
  Customer,
  Location,
  Order,
  Product,
  Variant,
} from "../../state/resources.ts"
import type { AdminContext } from "../admin-context.ts"
import type { Listing } from "./listing.ts"

const DAYS_OF_ORDERS = 60 // further back only with the scope read_all_orders
const DAY_MS = 86_400_000

export function mayReadOrder(order: Order, { token, state }: AdminContext): boolean {
  return (
    token.scopes.includes("read_all_orders") || order.createdAtMs >= state.now() - DAYS_OF_ORDERS * DAY_MS
  )
}

const timed = {
  created_at: ({ createdAtMs }: { createdAtMs: number }) => createdAtMs,
  updated_at: ({ updatedAtMs }: { updatedAtMs: number }) => updatedAtMs,
  id: ({ id }: { id: string }) => id,
}
const byTime = { CREATED_AT: timed.created_at, UPDATED_AT: timed.updated_at }
const idOf = timed.id

export const products: Listing<Product> = {
  kind: "products",
  items: ({ state }) => state.store.products.values(),
  idOf,
  searchable: {
    ...timed,
    status: ({ status }) => status,
    title: ({ title }) => title,
    handle: ({ handle }) => handle,
    vendor: ({ vendor }) => vendor,
    product_type: ({ productType }) => productType,
    published_at: ({ publishedAtMs }) => publishedAtMs,
  },
  sortKeys: { ...byTime, TITLE: ({ title }) => title, VENDOR: ({ vendor }) => vendor },
}

export const variants: Listing<Variant> = {
  kind: "variants",
  items: function* ({ state }) {
    for (const { variant } of state.store.variants.values()) yield variant
  },
  idOf,
  searchable: { ...timed, sku: ({ sku }) => sku },
  sortKeys: { SKU: ({ sku }) => sku ?? "" },
}

export const inventoryItems: Listing<{ product: Product; variant: Variant }> = {
  kind: "inventory items",
  items: ({ state }) => state.store.inventoryItems.values(),
  idOf: ({ variant }) => variant.inventoryItemId,
  searchable: {
    id: ({ variant }) => variant.inventoryItemId,
    sku: ({ variant }) => variant.sku,
    created_at: ({ variant }) => variant.createdAtMs,
    updated_at: ({ variant }) => variant.updatedAtMs,
  },
  sortKeys: {},
}

export const locations: Listing<Location> = {
  kind: "locations",
  items: ({ state }) => state.store.locations.values(),
  idOf,
  searchable: timed,
  sortKeys: { NAME: ({ name }) => name },
}

export const collections: Listing<Collection> = {
  kind: "collections",
  items: ({ state }) => state.store.collections.values(),
  idOf,
  searchable: { id: idOf, updated_at: timed.updated_at, title: ({ title }) => title },
  sortKeys: { UPDATED_AT: timed.updated_at, TITLE: ({ title }) => title },
}

export const customers: Listing<Customer> = {
  kind: "customers",
  items: ({ state }) => state.store.customers.values(),
  idOf,
  searchable: {
    ...timed,
    email: ({ email }) => email,
    phone: ({ phone }) => phone,
    state: ({ state }) => state,
  },
  sortKeys: byTime,
}

export const orders: Listing<Order> = {
  kind: "orders",
  items: function* (context) {
    for (const order of context.state.store.orders.values()) if (mayReadOrder(order, context)) yield order
  },
  idOf,
  searchable: {
    ...timed,
    processed_at: timed.created_at,
    name: ({ number }) => `#${number}`,
    status: ({ cancelledAtMs }) => (cancelledAtMs === null ? "open" : "cancelled"),
    financial_status: ({ financialStatus }) => financialStatus,
    fulfillment_status: fulfilmentStatus,
    customer_id: ({ customerId }) => customerId,
    test: ({ test }) => test,
  },
  sortKeys: {
    ...byTime,
    PROCESSED_AT: timed.created_at,
    ORDER_NUMBER: ({ number }) => number,
  },
}

/** Those that somebody could be written to about, bought in the end or not. */
export const abandonedCheckouts: Listing<Checkout> = {
  kind: "abandoned checkouts",
  items: function* ({ state }) {
    for (const checkout of state.store.checkouts.values())
      if (checkout.email !== null || checkout.phone !== null || checkout.customerId !== null) yield checkout
  },
  idOf,
  searchable: {
    ...timed,
    recovery_state: ({ completedAtMs }) => (completedAtMs === null ? "not_recovered" : "recovered"),
  },
  sortKeys: { CREATED_AT: timed.created_at },
}
