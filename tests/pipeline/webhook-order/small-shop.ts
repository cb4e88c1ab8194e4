/** A shop of a few products, customers and orders. It knows nothing of how the app reads what it tells. */

export type Webhook = { door: "webhook"; topic: string; atMs: number; body: Record<string, unknown> }
export type BlockVisit = { door: "block"; atMs: number; body: Record<string, unknown> }
export type Sent = Webhook | BlockVisit

export const NAMES = {
  products: [501, 502, 503],
  customers: [71, 72, 73],
  emails: ["ada@example.com", "bob@example.com", "eve@example.com"],
  carts: ["cart-1", "cart-2"],
  checkouts: ["checkout-1", "checkout-2", "checkout-3"],
  browsers: ["browser-1", "browser-2"],
}

export type Line = { id: number; product: number; quantity: number; removed: number; priceCents: number }
export type Refund = { id: number; atMs: number; line: number; quantity: number; paid: boolean }
export type Order = {
  id: number
  atMs: number
  customer: number | null
  email: string | null
  cart: string | null
  checkout: string | null
  lines: Line[]
  refunds: Refund[]
  fulfilled: number | null
  cancelledMs: number | null
  deleted: boolean
}
export type Customer = {
  id: number
  atMs: number
  updatedMs: number
  email: string | null
  name: string
  deleted: boolean
}
export type Product = {
  id: number
  atMs: number
  updatedMs: number
  priceCents: number
  published: boolean
  deleted: boolean
}
export type Checkout = {
  token: string
  atMs: number
  updatedMs: number
  customer: number | null
  email: string | null
  cart: string
  address: boolean
  completedMs: number | null
  deleted: boolean
}

export type SmallShop = {
  nowMs: number
  /** The last id that was given away. */
  lastId: number
  products: Map<number, Product>
  customers: Map<number, Customer>
  checkouts: Map<string, Checkout>
  orders: Map<number, Order>
  /** What it sent, oldest first. */
  sent: Sent[]
}

export function makeSmallShop(startMs: number): SmallShop {
  return {
    nowMs: startMs,
    lastId: 1_000,
    products: new Map(),
    customers: new Map(),
    checkouts: new Map(),
    orders: new Map(),
    sent: [],
  }
}

/** The n-th of a list, over and over. */
export function pick<T>(list: readonly T[], n: number): T {
  const found = list[n % list.length]
  if (found === undefined) throw new Error("nothing to pick from")
  return found
}
