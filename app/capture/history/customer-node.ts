import { z } from "zod"
import { emailAddress } from "../shopify/payloads/personal-fields.ts"
import { cleanText } from "../shopify/plain-text.ts"
import type { RecordChange } from "../shopify/record.ts"
import { msOfTime, versionOf } from "../shopify/shop-time.ts"
import { gid, type Seen, timeIn, versionIn } from "./node-fields.ts"

const MAX_NAME = 255

const contact = { marketingState: z.string().nullable(), marketingUpdatedAt: z.string().nullable() }
const customer = z.object({
  id: gid,
  state: z.string(),
  locale: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  // Not there where Shopify has not approved the app for them, or null: then nothing is said of them.
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
  defaultAddress: z.object({ countryCodeV2: z.string().nullish() }).nullish(),
  defaultEmailAddress: z.object({ emailAddress: z.string().nullish(), ...contact }).nullish(),
  defaultPhoneNumber: z.object({ phoneNumber: z.string().nullish(), ...contact }).nullish(),
})

/**
 * @param named whether names and addresses may be read: else a null is no word that there is none
 * @throws ZodError where the node is not what was asked for
 */
export function customerChanges(node: unknown, named: boolean, seen: Seen): RecordChange[] {
  const given = customer.parse(node)
  const { id, defaultEmailAddress: email, defaultPhoneNumber: phone } = given
  return [
    {
      kind: "customer",
      id,
      customerId: id,
      versionMs: versionIn(seen, given.updatedAt),
      fields: {
        createdAtMs: timeIn(seen, given.createdAt) ?? seen.atMs,
        account: given.state.toLowerCase() === "enabled",
        locale: given.locale,
        ...(named ? { country: given.defaultAddress?.countryCodeV2 ?? null } : {}),
      },
      ...(named
        ? {
            personal: {
              email: emailAddress(email?.emailAddress ?? null),
              phone: clean(phone?.phoneNumber),
              firstName: clean(given.firstName),
              lastName: clean(given.lastName),
            },
          }
        : {}),
    },
    ...consentChange(id, "email", email, seen),
    ...consentChange(id, "sms", phone, seen),
  ]
}

function clean(value: string | null | undefined): string | null {
  return value ? cleanText(value, MAX_NAME) : null
}

function consentChange(
  customerId: string,
  channel: "email" | "sms",
  given: { marketingState: string | null; marketingUpdatedAt: string | null } | null | undefined,
  seen: Seen,
): RecordChange[] {
  const granted = given?.marketingState?.toLowerCase() === "subscribed"
  // Nobody was ever asked: that is no word of the person's.
  if (!given?.marketingState || (!granted && given.marketingUpdatedAt === null)) return []
  const saidAtMs =
    given.marketingUpdatedAt === null ? undefined : msOfTime(given.marketingUpdatedAt, seen.atMs)
  return [
    {
      kind: "marketing_consent",
      id: `${customerId}:${channel}`,
      customerId,
      versionMs: versionOf(saidAtMs, seen.atMs),
      fields: { channel, granted },
    },
  ]
}
