/** What names a person, in payloads. All of it is null where the app may not see it. */
import { z } from "zod"
import { cleanText } from "../plain-text.ts"
import type { PersonalFields } from "../record.ts"
import { given, textOrNull, toldOnly } from "./payload-fields.ts"

/** Longest address that SMTP carries (RFC 5321, 4.5.3.1.3). */
const MAX_EMAIL = 254

/** Shopify takes addresses that differ only in case for one. */
export const emailOrNull = given(
  z
    .string()
    .nullable()
    .transform((value) => emailAddress(value)),
)

export function emailAddress(value: string | null): string | null {
  const address = cleanText((value ?? "").trim().toLowerCase(), MAX_EMAIL + 1)
  return address === "" || address.length > MAX_EMAIL ? null : address
}

const guest = z.object({ email: emailOrNull, contact_email: emailOrNull, phone: textOrNull() })

/** How a guest named themselves on an order or a checkout. */
export function guestFields(body: unknown): Partial<PersonalFields> {
  const { email, contact_email, phone } = guest.parse(body)
  return toldOnly({ email: email ?? contact_email ?? email, phone })
}
