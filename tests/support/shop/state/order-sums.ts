/** Figures that follow from an order's parts. */
import type { Order, OrderLine } from "./resources.ts"

export function refundedQuantity(order: Order, lineId: string): number {
  let count = 0
  for (const refund of order.refunds)
    for (const line of refund.lines) if (line.lineId === lineId) count += line.quantity
  return count
}

/** Units neither removed nor refunded, as Shopify's `currentQuantity` counts them. */
export function currentQuantity(order: Order, line: OrderLine): number {
  return line.quantity - line.removedQuantity - refundedQuantity(order, line.id)
}

export const lineTotalCents = (line: OrderLine): number =>
  line.priceCents * line.quantity - line.discountCents

/** After discounts, for some of the line's units. */
export function shareCents(line: OrderLine, quantity: number): number {
  return line.quantity === 0 ? 0 : Math.round((lineTotalCents(line) * quantity) / line.quantity)
}

export const subtotalCents = (order: Order): number => sum(order.lines, lineTotalCents)

/** As placed, or as edits that added lines made it. */
export const totalCents = (order: Order): number => subtotalCents(order) + order.shippingCents

export const discountCents = (order: Order): number => sum(order.lines, (line) => line.discountCents)

export const refundedCents = (order: Order): number => sum(order.refunds, (refund) => refund.totalCents)

/** What the order comes to now: without what was removed or given back. */
export function currentTotalCents(order: Order): number {
  const removed = sum(order.lines, (line) => shareCents(line, line.removedQuantity))
  return Math.max(0, totalCents(order) - removed - refundedCents(order))
}

export function fulfilmentStatus(order: Order): "unfulfilled" | "partial" | "fulfilled" {
  const sent = order.fulfilments.filter(({ status }) => status === "success")
  if (sent.length === 0) return "unfulfilled"
  const units = sum(sent, ({ lines }) => sum(lines, ({ quantity }) => quantity))
  const due = sum(order.lines, (line) => line.quantity - line.removedQuantity)
  return units >= due ? "fulfilled" : "partial"
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0
  for (const item of items) total += of(item)
  return total
}
