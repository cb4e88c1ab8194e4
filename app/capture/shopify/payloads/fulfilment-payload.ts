import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { idOf, resourceId } from "../shop-ids.ts"
import { type Message, timeIn, versionIn } from "./message.ts"
import { anything, textOrNull, time, toldOnly } from "./payload-fields.ts"

const payload = z.object({
  id: anything,
  admin_graphql_api_id: anything,
  status: textOrNull(64),
  shipment_status: textOrNull(64),
  created_at: time,
  updated_at: time,
})

/** fulfillments/create, fulfillments/update */
export function fulfilmentChanges(message: Message): RecordChange[] | null {
  const orderId = idOf(message.body.order_id)
  return orderId === undefined ? null : fulfilmentChange(message, message.body, orderId)
}

export function fulfilmentChange(message: Message, body: unknown, orderId: string): RecordChange[] | null {
  const parsed = payload.safeParse(body)
  const id = parsed.success ? resourceId(parsed.data) : undefined
  if (!parsed.success || id === undefined) return null
  const fulfilment = parsed.data
  return [
    {
      kind: "fulfilment",
      id,
      parentId: orderId,
      versionMs: versionIn(message, fulfilment.updated_at),
      fields: toldOnly({
        createdAtMs: timeIn(message, fulfilment.created_at),
        status: fulfilment.status === undefined ? undefined : (fulfilment.status?.toLowerCase() ?? "pending"),
        shipmentStatus:
          fulfilment.shipment_status === undefined
            ? undefined
            : (fulfilment.shipment_status?.toLowerCase() ?? null),
      }),
    },
  ]
}
