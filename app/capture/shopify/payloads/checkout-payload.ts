import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { resourceId } from "../shop-ids.ts"
import { basketLines, basketLinesOf } from "./basket-lines.ts"
import { type Message, timeIn, timeOrNullIn, versionIn } from "./message.ts"
import { anything, given, textOrNull, time, toldOnly } from "./payload-fields.ts"
import { guestFields } from "./personal-fields.ts"

const payload = z.object({
  token: textOrNull(),
  cart_token: textOrNull(),
  customer: given(z.object({ id: anything, admin_graphql_api_id: anything }).nullable()),
  line_items: basketLines,
  created_at: time,
  updated_at: time,
  completed_at: time,
  shipping_address: given(z.record(z.string(), z.unknown()).nullable()),
  shipping_line: given(z.record(z.string(), z.unknown()).nullable()),
  shipping_lines: given(z.array(z.unknown())),
})

/** checkouts/create, checkouts/update */
export function checkoutChanges(message: Message): RecordChange[] | null {
  const checkout = payload.parse(message.body)
  if (!checkout.token) return null
  const personal = guestFields(message.body)
  const customerId = customerOf(checkout.customer)
  return [
    {
      kind: "checkout",
      id: checkout.token,
      ...(customerId === undefined ? {} : { customerId }),
      versionMs: versionIn(message, checkout.updated_at),
      fields: toldOnly({
        createdAtMs: timeIn(message, checkout.created_at),
        completedAtMs: timeOrNullIn(message, checkout.completed_at),
        cartToken: checkout.cart_token,
        lines: basketLinesOf(checkout.line_items),
        contact: hasContact(customerId, personal),
        address: checkout.shipping_address === undefined ? undefined : checkout.shipping_address !== null,
        shipping: hasShipping(checkout),
      }),
      personal,
    },
  ]
}

/** checkouts/delete */
export function checkoutDeletion(message: Message): RecordChange[] | null {
  const { token } = payload.parse(message.body)
  return token
    ? [{ kind: "checkout", id: token, versionMs: message.seenAtMs, deleted: true, fields: {} }]
    : null
}

/** Id of the customer whom a payload names; null where it names nobody, undefined where it does not say. */
export function customerOf(
  customer: { id?: unknown; admin_graphql_api_id?: unknown } | null | undefined,
): string | null | undefined {
  return customer === null ? null : customer && resourceId(customer)
}

function hasContact(
  customerId: string | null | undefined,
  { email, phone }: { email?: string | null; phone?: string | null },
): boolean | undefined {
  if (customerId || email || phone) return true
  return customerId === undefined && email === undefined && phone === undefined ? undefined : false
}

function hasShipping({ shipping_line, shipping_lines }: z.infer<typeof payload>): boolean | undefined {
  if (shipping_line === undefined && shipping_lines === undefined) return undefined
  return Boolean(shipping_line) || (shipping_lines?.length ?? 0) > 0
}
