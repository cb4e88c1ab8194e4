/**
 * Marketing consent: in topics of its own since API 2025-01, inside the customer before, and as a mere
 * `accepts_marketing` before 2022-04.
 */
import { z } from "zod"
import type { RecordChange } from "../record.ts"
import { idOf, resourceId } from "../shop-ids.ts"
import { type Message, versionIn } from "./message.ts"
import { anything, given, textOrNull, time } from "./payload-fields.ts"

const consent = z.object({ state: textOrNull(), consent_updated_at: time })
const payload = z.object({
  customer_id: anything,
  id: anything,
  admin_graphql_api_id: anything,
  email_marketing_consent: given(consent.nullable()),
  sms_marketing_consent: given(consent.nullable()),
  accepts_marketing: given(z.boolean()),
  accepts_marketing_updated_at: time,
})

type Channel = "email" | "sms"

/** customers_email_marketing_consent/update, customers_marketing_consent/update */
export function consentChanges(message: Message): RecordChange[] | null {
  const body = payload.parse(message.body)
  const customerId = idOf(body.customer_id) ?? resourceId(body)
  return customerId === undefined ? null : consentsInCustomer(message, customerId)
}

/** What a message about the customer says of consent, if anything. */
export function consentsInCustomer(message: Message, customerId: string): RecordChange[] {
  const body = payload.parse(message.body)
  const email =
    body.email_marketing_consent ??
    (body.accepts_marketing === undefined
      ? undefined
      : {
          state: body.accepts_marketing ? "subscribed" : "not_subscribed",
          consent_updated_at: body.accepts_marketing_updated_at,
        })
  return [
    ...consentChange(message, customerId, "email", email),
    ...consentChange(message, customerId, "sms", body.sms_marketing_consent),
  ]
}

function consentChange(
  message: Message,
  customerId: string,
  channel: Channel,
  given: z.infer<typeof consent> | null | undefined,
): RecordChange[] {
  const state = given?.state?.toLowerCase()
  const granted = state === "subscribed"
  // Nobody was ever asked: that is no word of the person's.
  if (!state || (!granted && !given?.consent_updated_at)) return []
  return [
    {
      kind: "marketing_consent",
      id: `${customerId}:${channel}`,
      customerId,
      versionMs: versionIn(message, given?.consent_updated_at),
      fields: { channel, granted },
    },
  ]
}
