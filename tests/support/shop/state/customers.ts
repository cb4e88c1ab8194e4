import type { Consent, Customer } from "./resources.ts"
import { required, type Store, type When } from "./store.ts"

export type NewCustomer = Partial<Omit<Customer, "createdAtMs" | "updatedAtMs">>

export function makeCustomers(store: Store) {
  function createCustomer(given: NewCustomer, { atMs = store.now() }: When = {}): Customer {
    const asked: Consent = { state: "not_subscribed", optInLevel: "single_opt_in", updatedAtMs: atMs }
    const customer: Customer = {
      email: null,
      phone: null,
      firstName: null,
      lastName: null,
      state: "disabled",
      locale: "en",
      country: null,
      tags: [],
      emailConsent: asked,
      smsConsent: { ...asked },
      ...given,
      id: given.id ?? store.nextId(),
      createdAtMs: atMs,
      updatedAtMs: atMs,
    }
    store.customers.set(customer.id, customer)
    store.tell({ topic: "customers/create", customer }, atMs)
    return customer
  }

  function updateCustomer(
    id: string,
    change: Omit<NewCustomer, "id" | "emailConsent" | "smsConsent">,
    { atMs = store.now() }: When = {},
  ): Customer {
    const customer = required(store.customers, "customer", id)
    const had = customer.state
    Object.assign(customer, change, { updatedAtMs: atMs })
    if (customer.state !== had && (customer.state === "enabled" || customer.state === "disabled"))
      store.tell(
        { topic: customer.state === "enabled" ? "customers/enable" : "customers/disable", customer },
        atMs,
      )
    store.tell({ topic: "customers/update", customer }, atMs)
    return customer
  }

  function setConsent(
    id: string,
    channel: "email" | "sms",
    state: Consent["state"],
    { atMs = store.now() }: When = {},
  ): Customer {
    const customer = required(store.customers, "customer", id)
    const consent: Consent = { state, optInLevel: "single_opt_in", updatedAtMs: atMs }
    if (channel === "email") customer.emailConsent = consent
    else customer.smsConsent = consent
    customer.updatedAtMs = atMs
    store.tell(
      channel === "email"
        ? { topic: "customers_email_marketing_consent/update", customer }
        : { topic: "customers_marketing_consent/update", customer },
      atMs,
    )
    store.tell({ topic: "customers/update", customer }, atMs)
    return customer
  }

  /** Shopify deletes nobody who has ordered. */
  function deleteCustomer(id: string, { atMs = store.now() }: When = {}): void {
    const customer = required(store.customers, "customer", id)
    if (store.ordersByCustomer.get(id)?.length)
      throw new Error(`Customer ${id} has orders and can't be deleted; redact them instead.`)
    store.customers.delete(id)
    store.tell({ topic: "customers/delete", customer }, atMs)
  }

  function privacyRequest(customer: Customer) {
    return {
      requestId: store.nextId(),
      customerId: customer.id,
      email: customer.email,
      phone: customer.phone,
      orderIds: (store.ordersByCustomer.get(customer.id) ?? []).map((order) => order.id),
    }
  }

  function requestCustomerData(id: string, { atMs = store.now() }: When = {}): void {
    const request = privacyRequest(required(store.customers, "customer", id))
    store.tell({ topic: "customers/data_request", request }, atMs)
  }

  /** The shop forgets who the customer is, then tells the app to. */
  function redactCustomer(id: string, { atMs = store.now() }: When = {}): void {
    const customer = required(store.customers, "customer", id)
    const request = privacyRequest(customer)
    const nobody = { email: null, phone: null }
    Object.assign(customer, nobody, {
      firstName: null,
      lastName: null,
      country: null,
      state: "disabled",
      tags: [],
      updatedAtMs: atMs,
    })
    for (const order of store.ordersByCustomer.get(id) ?? [])
      Object.assign(order, nobody, { updatedAtMs: atMs })
    for (const checkout of store.checkouts.values())
      if (checkout.customerId === id)
        Object.assign(checkout, nobody, { shippingAddress: null, updatedAtMs: atMs })
    store.tell({ topic: "customers/redact", request }, atMs)
  }

  return {
    createCustomer,
    updateCustomer,
    setConsent,
    deleteCustomer,
    requestCustomerData,
    redactCustomer,
  }
}
