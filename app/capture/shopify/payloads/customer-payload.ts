import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { resourceId } from "../shop-ids.ts"
import { consentsInCustomer } from "./consent-payload.ts"
import { type Message, timeIn, versionIn } from "./message.ts"
import { given, textOrNull, time, toldOnly } from "./payload-fields.ts"
import { emailOrNull } from "./personal-fields.ts"

const payload = z.object({
  email: emailOrNull,
  phone: textOrNull(),
  first_name: textOrNull(),
  last_name: textOrNull(),
  state: textOrNull(),
  locale: textOrNull(16),
  created_at: time,
  updated_at: time,
  default_address: given(z.object({ country_code: textOrNull(2) }).nullable()),
})

/** customers/create, customers/update, customers/enable, customers/disable */
export function customerChanges(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  if (id === undefined) return null
  const customer = payload.parse(message.body)
  return [
    {
      kind: "customer",
      id,
      customerId: id,
      versionMs: versionIn(message, customer.updated_at),
      fields: toldOnly({
        createdAtMs: timeIn(message, customer.created_at),
        account: customer.state === undefined ? undefined : customer.state?.toLowerCase() === "enabled",
        country: customer.default_address === null ? null : customer.default_address?.country_code,
        locale: customer.locale,
      }),
      personal: toldOnly({
        email: customer.email,
        phone: customer.phone,
        firstName: customer.first_name,
        lastName: customer.last_name,
      }),
    },
    ...consentsInCustomer(message, id),
  ]
}

/** customers/delete */
export function customerDeletion(message: Message): RecordChange[] | null {
  const id = resourceId(message.body)
  return id === undefined
    ? null
    : [{ kind: "customer", id, customerId: id, versionMs: message.seenAtMs, deleted: true, fields: {} }]
}
