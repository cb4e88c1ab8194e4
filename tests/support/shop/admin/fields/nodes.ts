/** Resources by their global id, with the type that each has. */
import type { Order } from "../../state/resources.ts"
import type { Store } from "../../state/store.ts"
import type { AdminContext } from "../admin-context.ts"
import { type ParsedGid, parseGid } from "../gid.ts"
import { mayReadOrder } from "./listings.ts"

const typeNames = new WeakMap<object, string>()

/** GraphQL type of an object that `nodeById` gave, for fields whose type is an interface. */
export function typeNameOf(value: object): string | undefined {
  return typeNames.get(value) ?? ("mediaOf" in value ? "MediaImage" : undefined)
}

export function nodeById(id: unknown, context: AdminContext): object | null {
  const wanted = parseGid(id)
  if (!wanted) return null
  const found = find(wanted, context)
  if (!found) return null
  typeNames.set(found, wanted.type)
  return found
}

function find({ type, id, query }: ParsedGid, context: AdminContext): object | null {
  const { store } = context.state
  switch (type) {
    case "Product":
      return store.products.get(id) ?? null
    case "ProductVariant":
      return store.variants.get(id)?.variant ?? null
    case "InventoryItem":
      return store.inventoryItems.get(id) ?? null
    case "InventoryLevel":
      return store.levels.get(`${query.get("inventory_item_id")}:${id}`) ?? null
    case "Location":
      return store.locations.get(id) ?? null
    case "Collection":
      return store.collections.get(id) ?? null
    case "Customer":
      return store.customers.get(id) ?? null
    case "Order": {
      const order = store.orders.get(id)
      return order && mayReadOrder(order, context) ? order : null
    }
    case "Refund":
      return partOfOrder(store, (order) => order.refunds.find((refund) => refund.id === id))
    case "Fulfillment":
      return partOfOrder(store, (order) => order.fulfilments.find((one) => one.id === id))
    case "AbandonedCheckout":
      return [...store.checkouts.values()].find((checkout) => checkout.id === id) ?? null
    case "Metafield":
      return [...store.metafields.values()].find((metafield) => metafield.id === id) ?? null
    case "Shop":
      return store.shop.id === id ? store.shop : null
    case "BulkOperation":
      return context.bulkOperations.find(id)
    default:
      return null
  }
}

function partOfOrder(store: Store, of: (order: Order) => object | undefined): object | null {
  for (const order of store.orders.values()) {
    const found = of(order)
    if (found) return found
  }
  return null
}
