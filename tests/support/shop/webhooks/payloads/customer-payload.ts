import type { Customer } from "../../state/resources.ts"
import { at, ids, type PayloadSource, personal } from "./rest-format.ts"

/** customers/create, update, enable, disable, delete. Since 2025-01 it says nothing of marketing consent. */
export function customerPayload(source: PayloadSource, customer: Customer): object {
  return {
    ...ids("Customer", customer.id),
    created_at: at(source, customer.createdAtMs),
    updated_at: at(source, customer.updatedAtMs),
    first_name: personal(source, "name", customer.firstName),
    last_name: personal(source, "name", customer.lastName),
    state: customer.state,
    note: null,
    verified_email: true,
    multipass_identifier: null,
    tax_exempt: false,
    email: personal(source, "email", customer.email),
    phone: personal(source, "phone", customer.phone),
    currency: source.shop.currency,
    locale: customer.locale,
    tags: customer.tags.join(", "),
    addresses: [],
    tax_exemptions: [],
    default_address: personal(source, "address", addressOf(customer)),
  }
}

function addressOf(customer: Customer): object | null {
  if (customer.country === null) return null
  return { customer_id: Number(customer.id), country_code: customer.country, default: true }
}
