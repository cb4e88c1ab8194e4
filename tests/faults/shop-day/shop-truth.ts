/**
 * What the shop is, in plain lines: one text a thing, under the name that the app should have it by. Written from the
 * shop's own state, without anything of the app's readers.
 */
import {
  fulfilmentStatus,
  lineTotalCents,
  refundedQuantity,
  totalCents,
} from "../../support/shop/state/order-sums.ts"
import type { Order, OrderLine, Product } from "../../support/shop/state/resources.ts"
import type { ShopState } from "../../support/shop/state.ts"

export const COMPARED = [
  "shop",
  "products",
  "variants",
  "inventory levels",
  "collections",
  "customers",
  "e-mail consents",
  "sms consents",
  "orders",
  "order lines",
  "refunds",
  "fulfilments",
  "purchase events",
  "refund events",
] as const

export type Compared = (typeof COMPARED)[number]

/** Name → what is said of it. */
export type Lines = Record<Compared, Map<string, string>>

export const noLines = (): Lines =>
  Object.fromEntries(COMPARED.map((kind) => [kind, new Map<string, string>()])) as Lines

/** A product that the shop has no more: its orders may name it or not. */
export const GONE = "gone"

/** The shop tells whole seconds. */
const second = (ms: number) => Math.floor(ms / 1000)
const said = (...parts: unknown[]) => JSON.stringify(parts)

export function shopTruth({ store }: ShopState): Lines {
  const lines = noLines()
  lines.shop.set("shop", said(store.shop.name, store.shop.currency, store.shop.timeZone))
  for (const product of store.products.values()) tellProduct(lines, product)
  for (const { itemId, locationId, available } of store.levels.values())
    lines["inventory levels"].set(`${itemId}:${locationId}`, said(available))
  for (const { id, title, handle } of store.collections.values())
    lines.collections.set(id, said(title, handle))
  for (const one of store.customers.values()) {
    const email = one.email?.toLowerCase() ?? null
    lines.customers.set(
      one.id,
      said(second(one.createdAtMs), one.state === "enabled", one.country, email, one.firstName),
    )
    if (one.emailConsent.state === "subscribed") lines["e-mail consents"].set(one.id, "granted")
    if (one.smsConsent.state === "subscribed") lines["sms consents"].set(one.id, "granted")
  }
  const isThere = (productId: string | null) => store.products.has(productId ?? "")
  for (const order of store.orders.values()) tellOrder(lines, order, isThere)
  return lines
}

function tellProduct(lines: Lines, product: Product): void {
  const { id, title, handle, status, productType, vendor, publishedAtMs } = product
  lines.products.set(id, said(title, handle, status, productType, vendor, publishedAtMs !== null))
  for (const { id: variant, priceCents, tracked, inventoryPolicy } of product.variants)
    lines.variants.set(`${id}/${variant}`, said(priceCents, tracked, inventoryPolicy === "continue"))
}

/** In GraphQL's word, as the app keeps it; REST has another for the same. */
function sentWord(order: Order): string {
  const word = fulfilmentStatus(order)
  return word === "partial" ? "partially_fulfilled" : word
}

function tellOrder(lines: Lines, order: Order, isThere: (productId: string | null) => boolean): void {
  const { id, currency, financialStatus, cancelledAtMs, test, customerId } = order
  const cancelled = cancelledAtMs === null ? null : second(cancelledAtMs)
  lines.orders.set(
    id,
    said(
      second(order.createdAtMs),
      currency,
      totalCents(order),
      financialStatus,
      sentWord(order),
      cancelled,
      test,
      customerId,
    ),
  )
  for (const line of order.lines) {
    const left = line.quantity - line.removedQuantity - refundedQuantity(order, line.id)
    lines["order lines"].set(
      `${id}/${line.id}`,
      said(line.quantity, left, line.priceCents, line.discountCents),
    )
    if (!test) tellEvents(lines, order, line, isThere(line.productId) ? line.productId : GONE)
  }
  for (const refund of order.refunds) {
    const units = refund.lines.map(({ lineId, quantity }) => `${lineId}×${quantity}`).sort()
    lines.refunds.set(refund.id, said(id, second(refund.createdAtMs), refund.totalCents, units))
  }
  for (const { id: parcel, status, shipmentStatus, createdAtMs } of order.fulfilments)
    lines.fulfilments.set(parcel, said(id, status, shipmentStatus, second(createdAtMs)))
}

/**
 * A line was bought as often as it was not taken away by an edit, at what was paid for a unit; refunds give units
 * back, and a cancellation gives back what no refund did.
 */
function tellEvents(lines: Lines, order: Order, line: OrderLine, product: string | null): void {
  const bought = order.cancelledAtMs === null ? line.quantity - line.removedQuantity : line.quantity
  if (bought <= 0) return
  const price = Math.round(lineTotalCents(line) / line.quantity)
  const about = `${order.id}/${product}/${price}`
  add(lines["purchase events"], `${about}/${second(order.createdAtMs)}`, bought)
  let left = bought
  for (const refund of order.refunds) {
    const units = refund.lines.reduce((sum, one) => (one.lineId === line.id ? sum + one.quantity : sum), 0)
    if (units === 0) continue
    left -= units
    add(lines["refund events"], `${about}/${second(refund.createdAtMs)}`, units)
  }
  if (order.cancelledAtMs !== null && left > 0)
    add(lines["refund events"], `${about}/${second(order.cancelledAtMs)}`, left)
}

/** Two lines of one order may look alike: their units are counted together. */
export function add(events: Map<string, string>, name: string, units: number): void {
  events.set(name, String(Number(events.get(name) ?? 0) + units))
}
