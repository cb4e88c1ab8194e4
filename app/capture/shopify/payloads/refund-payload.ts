import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { idOf, resourceId } from "../shop-ids.ts"
import { type Message, timeIn, versionIn } from "./message.ts"
import { anything, cents, count, given, idOrNull, textOrNull, time, toldOnly } from "./payload-fields.ts"

const payload = z.object({
  id: anything,
  admin_graphql_api_id: anything,
  order_id: anything,
  created_at: time,
  refund_line_items: given(z.array(z.object({ line_item_id: idOrNull, quantity: count }))),
  transactions: given(z.array(z.object({ kind: textOrNull(), status: textOrNull(), amount: cents }))),
})

/** refunds/create */
export function refundChanges(message: Message): RecordChange[] | null {
  const orderId = idOf(message.body.order_id)
  return orderId === undefined ? null : refundChange(message, message.body, orderId, 0)
}

/** @param atLeastMs version of the order that carries the refund: a refund has no `updated_at` of its own. */
export function refundChange(
  message: Message,
  body: unknown,
  orderId: string,
  atLeastMs: number,
): RecordChange[] | null {
  const parsed = payload.safeParse(body)
  const id = parsed.success ? resourceId(parsed.data) : undefined
  if (!parsed.success || id === undefined) return null
  const refund = parsed.data
  return [
    {
      kind: "refund",
      id,
      parentId: orderId,
      versionMs: Math.max(atLeastMs, versionIn(message, refund.created_at)),
      fields: toldOnly({
        createdAtMs: timeIn(message, refund.created_at),
        totalCents: refund.transactions?.reduce(
          (sum, { kind, status, amount }) =>
            kind === "refund" && (status === "success" || status === undefined) ? sum + (amount ?? 0) : sum,
          0,
        ),
        lines: refund.refund_line_items?.flatMap(({ line_item_id, quantity }) =>
          line_item_id ? [{ lineId: line_item_id, quantity: quantity ?? 0 }] : [],
        ),
      }),
    },
  ]
}
