import type { AdminContext, Arguments, Fields } from "../admin-context.ts"
import { pageOf } from "../connection.ts"
import { searchFilter } from "../search-filter.ts"
import { type Listing, listPage } from "./listing.ts"
import {
  abandonedCheckouts,
  collections,
  customers,
  inventoryItems,
  locations,
  orders,
  products,
  variants,
} from "./listings.ts"
import { nodeById } from "./nodes.ts"
import { installedApp } from "./shop-fields.ts"

const list =
  <T extends object>(listing: Listing<T>) =>
  (_root: unknown, args: Arguments, context: AdminContext) =>
    listPage(listing, args, context)

/** By id; Shopify gives null for what is not there, or is of another type. */
const one =
  (type: string) =>
  (_root: unknown, { id }: Arguments, context: AdminContext) =>
    String(id).startsWith(`gid://shopify/${type}/`) ? nodeById(id, context) : null

const count =
  <T extends object>(listing: Listing<T>) =>
  (_root: unknown, { query }: Arguments, context: AdminContext) => {
    const holds = searchFilter(query, listing.searchable)
    let found = 0
    for (const item of listing.items(context)) if (!holds || holds(item)) found++
    return found
  }

export const rootFields = {
  QueryRoot: {
    node: (_root, { id }, context) => nodeById(id, context),
    nodes: (_root, { ids }, context) => (ids as string[]).map((id) => nodeById(id, context)),
    shop: (_root, _, { state }) => state.store.shop,
    app: (_root, _, context) => installedApp(context),
    appInstallation: (_root, _, context) => installedApp(context),
    currentAppInstallation: (_root, _, context) => installedApp(context),
    products: list(products),
    productVariants: list(variants),
    inventoryItems: list(inventoryItems),
    locations: list(locations),
    collections: list(collections),
    customers: list(customers),
    orders: list(orders),
    abandonedCheckouts: list(abandonedCheckouts),
    product: one("Product"),
    productVariant: one("ProductVariant"),
    inventoryItem: one("InventoryItem"),
    inventoryLevel: one("InventoryLevel"),
    location: one("Location"),
    collection: one("Collection"),
    customer: one("Customer"),
    order: one("Order"),
    refund: one("Refund"),
    fulfillment: one("Fulfillment"),
    productsCount: count(products),
    customersCount: count(customers),
    ordersCount: count(orders),
    collectionsCount: count(collections),
    bulkOperation: one("BulkOperation"),
    bulkOperations: (_root, args, context) => {
      const found = context.bulkOperations.all().filter(
        searchFilter(args.query, {
          status: ({ status }) => status,
          operation_type: ({ type }) => type,
          created_at: ({ createdAtMs }) => createdAtMs,
          id: ({ id }) => id,
        }) ?? (() => true),
      )
      // The newest come first, unless asked otherwise.
      const newestFirst = { ...args, reverse: args.reverse !== true }
      return pageOf(found, (operation) => [operation.createdAtMs, operation.id], newestFirst, context)
    },
  } satisfies Fields<unknown>,
}
