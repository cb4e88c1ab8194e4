/**
 * What a shop consists of. Ids are Shopify's numbers as text, money is in minor units of the shop's currency, times
 * are epoch milliseconds by the shop's clock.
 */

export type Shop = {
  id: string
  domain: string
  name: string
  email: string
  currency: string
  timeZone: string
  country: string
  plan: string
  createdAtMs: number
  updatedAtMs: number
}

export type Variant = {
  id: string
  title: string
  sku: string | null
  position: number
  priceCents: number
  compareAtCents: number | null
  inventoryItemId: string
  /** Whether the shop counts its stock. */
  tracked: boolean
  inventoryPolicy: "deny" | "continue"
  createdAtMs: number
  updatedAtMs: number
}

export type Product = {
  id: string
  title: string
  handle: string
  descriptionHtml: string
  vendor: string
  productType: string
  status: "active" | "draft" | "archived"
  /** Null where it is not published to the online store. */
  publishedAtMs: number | null
  tags: string[]
  imageUrl: string | null
  variants: Variant[]
  createdAtMs: number
  updatedAtMs: number
}

export type InventoryLevel = { itemId: string; locationId: string; available: number; updatedAtMs: number }

export type Location = { id: string; name: string; active: boolean; createdAtMs: number; updatedAtMs: number }

export type Collection = {
  id: string
  title: string
  handle: string
  descriptionHtml: string
  productIds: string[]
  publishedAtMs: number | null
  updatedAtMs: number
}

export type Consent = {
  state: "subscribed" | "unsubscribed" | "not_subscribed" | "pending"
  optInLevel: "single_opt_in" | "confirmed_opt_in" | "unknown"
  updatedAtMs: number
}

export type Customer = {
  id: string
  email: string | null
  phone: string | null
  firstName: string | null
  lastName: string | null
  /** `enabled` has an account of the shop. */
  state: "disabled" | "invited" | "enabled" | "declined"
  locale: string
  /** Two letters, of the default address; null without one. */
  country: string | null
  tags: string[]
  emailConsent: Consent
  smsConsent: Consent
  createdAtMs: number
  updatedAtMs: number
}

export type BasketLine = {
  id: string
  productId: string
  variantId: string
  title: string
  quantity: number
  priceCents: number
}

export type Cart = { token: string; lines: BasketLine[]; createdAtMs: number; updatedAtMs: number }

export type Address = { firstName: string | null; lastName: string | null; country: string; zip: string }

export type Checkout = {
  id: string
  token: string
  cartToken: string | null
  customerId: string | null
  email: string | null
  phone: string | null
  shippingAddress: Address | null
  shippingTitle: string | null
  currency: string
  lines: BasketLine[]
  createdAtMs: number
  updatedAtMs: number
  completedAtMs: number | null
}

export type OrderLine = {
  id: string
  /** Null where the product was deleted or never was one. */
  productId: string | null
  variantId: string | null
  title: string
  sku: string | null
  /** As ordered. */
  quantity: number
  /** Taken away by edits, without a refund of its own. */
  removedQuantity: number
  /** Unit price as placed, before discounts. */
  priceCents: number
  /** Discounts on the whole line. */
  discountCents: number
}

export type RefundLine = { id: string; lineId: string; quantity: number; subtotalCents: number }

export type Refund = {
  id: string
  orderId: string
  createdAtMs: number
  lines: RefundLine[]
  /** Given back in all, shipping included. */
  totalCents: number
  note: string | null
}

export type Fulfilment = {
  id: string
  orderId: string
  status: "success" | "cancelled" | "error" | "failure"
  /** As a carrier tells it; null where it says nothing. */
  shipmentStatus: "confirmed" | "in_transit" | "out_for_delivery" | "delivered" | "failure" | null
  lines: { lineId: string; quantity: number }[]
  createdAtMs: number
  updatedAtMs: number
}

export type Order = {
  id: string
  number: number
  customerId: string | null
  email: string | null
  phone: string | null
  currency: string
  financialStatus:
    | "pending"
    | "authorized"
    | "partially_paid"
    | "paid"
    | "partially_refunded"
    | "refunded"
    | "voided"
  cancelReason: string | null
  test: boolean
  cartToken: string | null
  checkoutToken: string | null
  sourceName: string
  country: string | null
  locale: string | null
  lines: OrderLine[]
  shippingCents: number
  refunds: Refund[]
  fulfilments: Fulfilment[]
  edited: boolean
  createdAtMs: number
  updatedAtMs: number
  cancelledAtMs: number | null
}

export type Metafield = {
  id: string
  /** `gid://shopify/Product/1` */
  ownerId: string
  namespace: string
  key: string
  type: string
  value: string
  createdAtMs: number
  updatedAtMs: number
}
