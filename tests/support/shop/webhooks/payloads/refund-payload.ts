import { shareCents } from "../../state/order-sums.ts"
import type { Order, Refund } from "../../state/resources.ts"
import { amount, amountSet, at, ids, type PayloadSource } from "./rest-format.ts"

/** refunds/create, and each refund of an order. */
export function refundPayload(source: PayloadSource, order: Order, refund: Refund): object {
  return {
    ...ids("Refund", refund.id),
    order_id: Number(order.id),
    created_at: at(source, refund.createdAtMs),
    processed_at: at(source, refund.createdAtMs),
    note: refund.note,
    user_id: null,
    restock: true,
    refund_line_items: refund.lines.map((line) => {
      const ordered = order.lines.find(({ id }) => id === line.lineId)
      return {
        id: Number(line.id),
        line_item_id: Number(line.lineId),
        quantity: line.quantity,
        restock_type: "return",
        subtotal: ordered ? shareCents(ordered, line.quantity) / 100 : 0,
        subtotal_set: amountSet(line.subtotalCents, order.currency),
        total_tax: 0,
      }
    }),
    transactions:
      refund.totalCents === 0
        ? []
        : [
            {
              order_id: Number(order.id),
              kind: "refund",
              status: "success",
              gateway: "bogus",
              amount: amount(refund.totalCents),
              currency: order.currency,
              created_at: at(source, refund.createdAtMs),
            },
          ],
    order_adjustments: [],
  }
}
