import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { type Message, versionIn } from "./message.ts"
import { given, textOrNull, time, toldOnly } from "./payload-fields.ts"

const payload = z.object({
  name: textOrNull(1_000),
  domain: textOrNull(),
  currency: given(
    z
      .string()
      .regex(/^[A-Za-z]{3}$/)
      .toUpperCase(),
  ),
  iana_timezone: given(
    z
      .string()
      .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/)
      .max(64),
  ),
  updated_at: time,
})

/** shop/update */
export function shopChanges(message: Message): RecordChange[] | null {
  const shop = payload.parse(message.body)
  return [
    {
      kind: "shop",
      id: "shop",
      versionMs: versionIn(message, shop.updated_at),
      fields: toldOnly({
        name: shop.name ?? undefined,
        domain: shop.domain ?? undefined,
        currency: shop.currency,
        timeZone: shop.iana_timezone,
      }),
    },
  ]
}
