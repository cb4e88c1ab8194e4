/** What happened in the shop, by the topic of the webhook that Shopify would send about it. */
import type {
  Cart,
  Checkout,
  Collection,
  Customer,
  Fulfilment,
  InventoryLevel,
  Order,
  Product,
  Refund,
  Shop,
} from "./resources.ts"

/** Whom a privacy request of the shop is about. */
export type PrivacyRequest = {
  requestId: string
  customerId: string
  email: string | null
  phone: string | null
  orderIds: string[]
}

export type OrderEdit = {
  id: string
  orderId: string
  createdAtMs: number
  additions: { lineId: string; delta: number }[]
  removals: { lineId: string; delta: number }[]
}

/** Resources are the live ones: a listener that keeps something copies it at once. */
export type ShopChange = { atMs: number } & (
  | { topic: "products/create" | "products/update"; product: Product }
  | { topic: "products/delete"; id: string }
  | {
      topic: "inventory_levels/update" | "inventory_levels/connect" | "inventory_levels/disconnect"
      level: InventoryLevel
    }
  | { topic: "collections/create" | "collections/update"; collection: Collection }
  | { topic: "collections/delete"; id: string }
  | {
      topic:
        | "customers/create"
        | "customers/update"
        | "customers/enable"
        | "customers/disable"
        | "customers/delete"
        | "customers_email_marketing_consent/update"
        | "customers_marketing_consent/update"
      customer: Customer
    }
  | { topic: "carts/create" | "carts/update"; cart: Cart }
  | { topic: "checkouts/create" | "checkouts/update" | "checkouts/delete"; checkout: Checkout }
  | {
      topic: "orders/create" | "orders/updated" | "orders/paid" | "orders/cancelled" | "orders/delete"
      order: Order
    }
  | { topic: "orders/edited"; order: Order; edit: OrderEdit }
  | { topic: "refunds/create"; order: Order; refund: Refund }
  | { topic: "fulfillments/create" | "fulfillments/update"; order: Order; fulfilment: Fulfilment }
  | { topic: "shop/update"; shop: Shop }
  | { topic: "app/uninstalled"; shop: Shop }
  | { topic: "app/scopes_update"; previous: string[]; current: string[] }
  | { topic: "customers/data_request" | "customers/redact"; request: PrivacyRequest }
  | { topic: "shop/redact" }
)

export type ShopTopic = ShopChange["topic"]
