/**
 * What a message of the shop says about one of its resources. Webhooks, the results of bulk operations and
 * reconciliation are all turned into these, and one function applies them (apply-changes.server.ts).
 *
 * A change carries the shop's own time. Each field keeps the newest value that was told about it, so duplicates, late
 * and partial messages, in any order, end in the same record.
 */

export const RECORD_KINDS = [
  "shop",
  "product",
  "collection",
  "inventory_level",
  "customer",
  "marketing_consent",
  "cart",
  "checkout",
  "order",
  "refund",
  "fulfilment",
] as const

export type RecordKind = (typeof RECORD_KINDS)[number]

/** Fields of each kind, as they stand in `shop_records.fields`. Ids are Shopify's numbers as text, without `gid://`. */
export type RecordFields = {
  /** id: "shop" */
  shop: { name: string; domain: string; currency: string; timeZone: string }
  /** id: product */
  product: {
    title: string
    /** Plain text. */
    description: string
    /** Shopify's product type. */
    category: string
    brand: string
    handle: string
    status: "active" | "draft" | "archived"
    /** Epoch milliseconds; null where it is not published to the online store. */
    publishedAtMs: number | null
    imageUrl: string | null
    variants: ProductVariant[]
  }
  /** id: collection. */
  collection: { title: string; handle: string }
  /** id: `INVENTORY_ITEM:LOCATION`; parent: the inventory item. */
  inventory_level: { available: number | null }
  /** id: customer; about that customer. */
  customer: {
    createdAtMs: number
    /** Has an account of the shop. */
    account: boolean
    /** Of the customer's default address. */
    country: string | null
    locale: string | null
  }
  /** id: `CUSTOMER:email` or `CUSTOMER:sms`; about that customer. */
  marketing_consent: { channel: "email" | "sms"; granted: boolean }
  /** id: the cart's token. */
  cart: { lines: BasketLine[] }
  /** id: the checkout's token; about the customer, where one is named. */
  checkout: {
    createdAtMs: number
    completedAtMs: number | null
    cartToken: string | null
    lines: BasketLine[]
    /** Whether a contact, an address and a way of shipping are given yet. */
    contact: boolean
    address: boolean
    shipping: boolean
  }
  /** id: order; about its customer. */
  order: {
    /** When it was placed. */
    createdAtMs: number
    currency: string
    /** Minor units of `currency`, as placed: after discounts, with shipping and taxes. */
    totalCents: number
    /** Shopify's own words, lower case: paid, partially_refunded, … */
    financialStatus: string
    fulfilmentStatus: string
    cancelledAtMs: number | null
    test: boolean
    cartToken: string | null
    checkoutToken: string | null
    /** web, pos, … */
    channel: string | null
    lines: OrderLine[]
  }
  /** id: refund; parent: order. */
  refund: {
    createdAtMs: number
    /** Minor units given back, shipping and taxes included. */
    totalCents: number
    lines: { lineId: string; quantity: number }[]
  }
  /** id: fulfilment; parent: order. */
  fulfilment: {
    createdAtMs: number
    /** success, cancelled, … lower case */
    status: string
    /** delivered, in_transit, … lower case; null where the carrier says nothing. */
    shipmentStatus: string | null
  }
}

export type ProductVariant = {
  id: string
  priceCents: number
  inventoryItemId: string | null
  /** Whether the shop counts its stock; null where the message does not say: then what was said before holds. */
  tracked: boolean | null
  /** Sold on when there is none left. */
  sellsWhenOut: boolean
  /** As the product's own message counts it, over all locations; inventory levels, where there are any, know better. */
  quantity: number | null
}

export type BasketLine = { productId: string; variantId: string | null; quantity: number; priceCents: number }

export type OrderLine = {
  id: string
  /** Null where the product was deleted or never was one (a custom line). */
  productId: string | null
  variantId: string | null
  /** As ordered. */
  quantity: number
  /** What is left of it after removals and refunds; the same as `quantity` for most. */
  currentQuantity: number
  /** Unit price as placed, before discounts. */
  priceCents: number
  /** Discounts on the whole line, in minor units. */
  discountCents: number
}

/** What names a person. Stored sealed under the shopper's key; null where it was taken away or may not be seen. */
export type PersonalFields = {
  email: string | null
  phone: string | null
  firstName: string | null
  lastName: string | null
}

export type RecordChange<K extends RecordKind = RecordKind> = {
  [Kind in K]: {
    kind: Kind
    /** The shop's own id, as `RecordFields` says. */
    id: string
    /** Id of the record that it belongs to. */
    parentId?: string
    /** When this was so, by the shop's clock, epoch milliseconds: `updated_at`, else when the message was triggered. */
    versionMs: number
    /** It is gone for good: ids are never used again, so nothing that comes later brings it back. */
    deleted?: true
    /** Customer whom it is about; null or absent where none is named. */
    customerId?: string | null
    /** Only the fields that the message names: a partial message leaves the others as they are. */
    fields: Partial<RecordFields[Kind]>
    /** Of a customer; of an order, checkout or cart only what names a guest (`email`, `phone`). */
    personal?: Partial<PersonalFields>
    /** The message is known to be less than the whole: reconciliation is to ask the shop. */
    wanted?: true
  }
}[K]
