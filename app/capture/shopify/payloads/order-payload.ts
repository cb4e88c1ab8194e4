import { z } from "zod"
import { financialWord, fulfilmentWord } from "../order-words.ts"
import type { OrderLine, RecordChange } from "../record.ts"
import { idOf, resourceId } from "../shop-ids.ts"
import { customerOf } from "./checkout-payload.ts"
import { fulfilmentChange } from "./fulfilment-payload.ts"
import { type Message, timeIn, timeOrNullIn, versionIn } from "./message.ts"
import { anything, cents, count, given, idOrNull, textOrNull, time, toldOnly } from "./payload-fields.ts"
import { guestFields } from "./personal-fields.ts"
import { refundChange } from "./refund-payload.ts"

const line = z.object({
  id: anything,
  admin_graphql_api_id: anything,
  product_id: idOrNull,
  variant_id: idOrNull,
  quantity: count,
  current_quantity: count,
  price: cents,
  price_set: cents,
  total_discount: cents,
  discount_allocations: given(z.array(z.object({ amount: cents, amount_set: cents }))),
})
const refunds = given(
  z.array(
    z.looseObject({
      refund_line_items: given(z.array(z.object({ line_item_id: idOrNull, quantity: count }))),
    }),
  ),
)
const payload = z.object({
  customer: given(z.object({ id: anything, admin_graphql_api_id: anything }).nullable()),
  created_at: time,
  processed_at: time,
  updated_at: time,
  cancelled_at: time,
  currency: given(
    z
      .string()
      .regex(/^[A-Za-z]{3}$/)
      .toUpperCase(),
  ),
  total_price: cents,
  total_price_set: cents,
  financial_status: textOrNull(64),
  fulfillment_status: textOrNull(64),
  test: given(z.boolean()),
  cart_token: textOrNull(),
  checkout_token: textOrNull(),
  source_name: textOrNull(),
  line_items: given(z.array(line)),
  refunds,
  fulfillments: given(z.array(z.unknown())),
})

/** orders/create, updated, paid, cancelled, fulfilled, partially_fulfilled: each carries the whole order. */
export function orderChanges(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  if (id === undefined) return null
  const order = payload.parse(message.body)
  const customerId = customerOf(order.customer)
  const versionMs = versionIn(message, order.updated_at)
  const lines = order.line_items?.flatMap((one) => lineOf(one, order.refunds) ?? [])
  return [
    {
      kind: "order",
      id,
      ...(customerId === undefined ? {} : { customerId }),
      versionMs,
      fields: toldOnly({
        // An order taken over from another shop system was processed then and created now.
        createdAtMs: timeIn(message, order.processed_at) ?? timeIn(message, order.created_at),
        currency: order.currency,
        totalCents: order.total_price ?? order.total_price_set,
        financialStatus:
          order.financial_status === undefined ? undefined : financialWord(order.financial_status),
        fulfilmentStatus:
          order.fulfillment_status === undefined ? undefined : fulfilmentWord(order.fulfillment_status),
        cancelledAtMs: timeOrNullIn(message, order.cancelled_at),
        test: order.test,
        cartToken: order.cart_token,
        checkoutToken: order.checkout_token,
        channel: order.source_name,
        lines: lines?.length === order.line_items?.length ? lines : undefined,
      }),
      personal: guestFields(message.body),
    },
    ...(order.refunds ?? []).flatMap((refund) => refundChange(message, refund, id, versionMs) ?? []),
    ...(order.fulfillments ?? []).flatMap((one) => fulfilmentChange(message, one, id) ?? []),
  ]
}

const edit = z.object({ order_id: anything, created_at: time, committed_at: time })

/** orders/edited: what was added and taken away, not the order. The whole comes with orders/updated, or is asked for. */
export function orderEdit(message: Message): RecordChange[] | null {
  const parsed = edit.safeParse(message.body.order_edit)
  const id = parsed.success ? idOf(parsed.data.order_id) : undefined
  if (!parsed.success || id === undefined) return null
  const editedMs = timeIn(message, parsed.data.committed_at) ?? timeIn(message, parsed.data.created_at)
  return [{ kind: "order", id, versionMs: editedMs ?? message.seenAtMs, fields: {}, wanted: true }]
}

/** orders/delete */
export function orderDeletion(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  return id === undefined
    ? null
    : [{ kind: "order", id, versionMs: message.seenAtMs, deleted: true, fields: {} }]
}

function lineOf(given: z.infer<typeof line>, refunded: z.infer<typeof refunds>): OrderLine | undefined {
  const id = resourceId(given)
  const price = given.price ?? given.price_set
  if (id === undefined || given.quantity === undefined || price === undefined) return undefined
  return {
    id,
    productId: given.product_id ?? null,
    variantId: given.variant_id ?? null,
    quantity: given.quantity,
    // Versions before 2023 do not say what is left; what they refunded is all that can have gone.
    currentQuantity: given.current_quantity ?? Math.max(0, given.quantity - refundedOf(id, refunded)),
    priceCents: price,
    discountCents:
      given.discount_allocations?.reduce((sum, one) => sum + (one.amount ?? one.amount_set ?? 0), 0) ??
      given.total_discount ??
      0,
  }
}

function refundedOf(lineId: string, given: z.infer<typeof refunds>): number {
  return (given ?? [])
    .flatMap(({ refund_line_items }) => refund_line_items ?? [])
    .reduce((sum, { line_item_id, quantity }) => (line_item_id === lineId ? sum + (quantity ?? 0) : sum), 0)
}
