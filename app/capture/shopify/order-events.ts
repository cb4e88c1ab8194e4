/**
 * An order and its refunds → purchases and refunds, line by line. They follow from the records alone: whoever has the
 * same records has the same events.
 *
 * A line was bought as often as it stands in the order now or was given back since (an edit that takes a unit away is
 * no purchase); of a cancelled order everything counts as bought, and what no refund gave back is given back at the
 * cancellation. A unit's price is what was paid for it: the line's price less its discounts, to the nearest cent.
 */
import { z } from "zod"
import type { RecordState } from "./merge-record.ts"
import { columnCents } from "./money.ts"
import type { OrderLine } from "./record.ts"
import type { RecordEvent } from "./record-event.ts"
import { fieldOf } from "./record-fields.ts"

const time = z.number()
const lines = z.array(
  z.object({
    id: z.string(),
    productId: z.string().nullable(),
    variantId: z.string().nullable(),
    quantity: z.number(),
    currentQuantity: z.number(),
    priceCents: z.number(),
    discountCents: z.number(),
  }),
)
const refundLines = z.array(z.object({ lineId: z.string(), quantity: z.number() }))

export type RefundRecord = { recordKey: string; state: RecordState }

export function orderEvents(
  orderId: string,
  order: RecordState | null,
  refundRecords: readonly RefundRecord[],
): RecordEvent[] {
  const placedMs = fieldOf(order, "createdAtMs", time)
  const ordered = fieldOf(order, "lines", lines)
  if (order === null || order.deletedMs !== null || placedMs === undefined || ordered === undefined) return []
  if (fieldOf(order, "test", z.boolean())) return []
  const cancelledMs = fieldOf(order, "cancelledAtMs", time)
  const currency = fieldOf(order, "currency", z.string())
  const refunds = refundsByLine(refundRecords)
  return ordered.flatMap((line) => {
    const refunded = refunds.get(line.id) ?? []
    const givenBack = refunded.reduce((sum, { quantity }) => sum + quantity, 0)
    const bought =
      cancelledMs === undefined ? Math.min(line.quantity, line.currentQuantity + givenBack) : line.quantity
    if (bought <= 0) return []
    const common = {
      ...(line.productId === null ? {} : { item: line.productId }),
      ...(currency === undefined ? {} : { currency }),
      priceCents: columnCents(unitCents(line)),
      order: orderId,
    }
    const events: RecordEvent[] = [
      { ...common, type: "purchase", atMs: placedMs, quantity: bought, id: `order:${orderId}:${line.id}` },
    ]
    let left = bought
    for (const { refundId, atMs, quantity } of refunded) {
      const given = Math.min(left, quantity)
      if (given === 0) continue
      left -= given
      events.push({ ...common, type: "refund", atMs, quantity: given, id: `refund:${refundId}:${line.id}` })
    }
    if (cancelledMs !== undefined && left > 0)
      events.push({
        ...common,
        type: "refund",
        atMs: cancelledMs,
        quantity: left,
        id: `cancel:${orderId}:${line.id}`,
      })
    return events
  })
}

type LineRefund = { refundId: string; atMs: number; quantity: number }

/** Oldest first, so that more than was bought is never given back, and always the same is left out. */
function refundsByLine(records: readonly RefundRecord[]): Map<string, LineRefund[]> {
  const byLine = new Map<string, LineRefund[]>()
  const told = records
    .flatMap(({ recordKey, state }) => {
      const atMs = fieldOf(state, "createdAtMs", time)
      return atMs === undefined || state.deletedMs !== null ? [] : [{ refundId: recordKey, atMs, state }]
    })
    .sort((a, b) => a.atMs - b.atMs || (a.refundId < b.refundId ? -1 : 1))
  for (const { refundId, atMs, state } of told) {
    const quantities = new Map<string, number>()
    for (const { lineId, quantity } of fieldOf(state, "lines", refundLines) ?? [])
      quantities.set(lineId, (quantities.get(lineId) ?? 0) + quantity)
    for (const [lineId, quantity] of quantities)
      byLine.set(lineId, [...(byLine.get(lineId) ?? []), { refundId, atMs, quantity }])
  }
  return byLine
}

function unitCents({ priceCents, quantity, discountCents }: OrderLine): number {
  return quantity <= 0 ? priceCents : Math.max(0, Math.round(priceCents - discountCents / quantity))
}
