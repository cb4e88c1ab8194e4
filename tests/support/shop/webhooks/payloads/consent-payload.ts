import type { Consent, Customer } from "../../state/resources.ts"
import { at, type PayloadSource, personal } from "./rest-format.ts"

/** customers_email_marketing_consent/update */
export function emailConsentPayload(source: PayloadSource, customer: Customer): object {
  return {
    customer_id: Number(customer.id),
    email_address: personal(source, "email", customer.email),
    email_marketing_consent: consent(source, customer.emailConsent),
  }
}

/** customers_marketing_consent/update: of text messages */
export function smsConsentPayload(source: PayloadSource, customer: Customer): object {
  return {
    id: Number(customer.id),
    phone: personal(source, "phone", customer.phone),
    sms_marketing_consent: { ...consent(source, customer.smsConsent), consent_collected_from: "shopify" },
  }
}

const consent = (source: PayloadSource, { state, optInLevel, updatedAtMs }: Consent) => ({
  state,
  opt_in_level: optInLevel,
  consent_updated_at: at(source, updatedAtMs),
})
