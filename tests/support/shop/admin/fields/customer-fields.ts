import { refundedCents, totalCents } from "../../state/order-sums.ts"
import type { Address, Checkout, Consent, Customer, Order } from "../../state/resources.ts"
import type { AdminContext, Fields } from "../admin-context.ts"
import { pageInOrder, pageOf } from "../connection.ts"
import { gid } from "../gid.ts"
import { metafieldFields } from "./metafield-fields.ts"
import { dateTime, money } from "./values.ts"

const ordersOf = (customer: Customer, { state }: AdminContext): readonly Order[] =>
  state.store.ordersByCustomer.get(customer.id) ?? []

/** The shop keeps one address of a customer, and of that only the country. */
const addressOf = ({ country, firstName, lastName }: Customer): Address | null =>
  country === null ? null : { country, firstName, lastName, zip: "" }

const customer: Fields<Customer> = {
  id: ({ id }) => gid("Customer", id),
  legacyResourceId: ({ id }) => id,
  email: ({ email }) => email,
  phone: ({ phone }) => phone,
  firstName: ({ firstName }) => firstName,
  lastName: ({ lastName }) => lastName,
  displayName: ({ firstName, lastName, email, phone }) =>
    [firstName, lastName].filter(Boolean).join(" ") || email || phone || "",
  state: ({ state }) => state.toUpperCase(),
  locale: ({ locale }) => locale,
  tags: ({ tags }) => tags,
  verifiedEmail: ({ email }) => email !== null,
  defaultAddress: addressOf,
  defaultEmailAddress: (source) => (source.email === null ? null : source),
  defaultPhoneNumber: (source) => (source.phone === null ? null : source),
  numberOfOrders: (source, _, context) => String(ordersOf(source, context).length),
  amountSpent: (source, _, context) =>
    money(
      ordersOf(source, context).reduce((sum, order) => sum + totalCents(order) - refundedCents(order), 0),
      context,
    ),
  lastOrder: (source, _, context) => ordersOf(source, context).at(-1) ?? null,
  orders: (source, args, context) =>
    pageOf(
      [...ordersOf(source, context)].sort((a, b) => a.createdAtMs - b.createdAtMs),
      (order) => [order.createdAtMs, order.id],
      args,
      context,
    ),
  canDelete: (source, _, context) => ordersOf(source, context).length === 0,
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  emailMarketingConsent: (source) => (source.email === null ? null : source.emailConsent),
  smsMarketingConsent: (source) => (source.phone === null ? null : source.smsConsent),
  ...metafieldFields((source: Customer) => gid("Customer", source.id)),
}

const consent = {
  marketingState: ({ state }) => state.toUpperCase(),
  marketingOptInLevel: ({ optInLevel }) => optInLevel.toUpperCase(),
  consentUpdatedAt: ({ state, updatedAtMs }) => (state === "not_subscribed" ? null : dateTime(updatedAtMs)),
  sourceLocation: () => null,
} satisfies Fields<Consent>

/** An e-mail address or phone number, read off its customer. */
function contactFields(
  name: string,
  of: (customer: Customer) => string | null,
  by: (customer: Customer) => Consent,
) {
  return {
    [name]: of,
    marketingState: (source) => consent.marketingState(by(source)),
    marketingOptInLevel: (source) => consent.marketingOptInLevel(by(source)),
    marketingUpdatedAt: (source) => consent.consentUpdatedAt(by(source)),
    sourceLocation: () => null,
  } satisfies Fields<Customer>
}

const smsOf = ({ smsConsent }: Customer) => smsConsent

const checkout: Fields<Checkout> = {
  id: ({ id }) => gid("AbandonedCheckout", id),
  name: ({ id }) => `#${id}`,
  note: () => "",
  customer: ({ customerId }, _, { state }) => state.store.customers.get(customerId ?? "") ?? null,
  shippingAddress: ({ shippingAddress }) => shippingAddress,
  lineItems: ({ lines }, args, context) => pageInOrder(lines, args, context),
  abandonedCheckoutUrl: ({ token }, _, { state }) =>
    `https://${state.store.shop.domain}/checkouts/ac/${token}/recover`,
  totalPriceSet: ({ lines }, _, context) =>
    money(
      lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0),
      context,
    ),
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  completedAt: ({ completedAtMs }) => dateTime(completedAtMs),
}

export const customerFields = {
  Customer: customer,
  CustomerEmailAddress: {
    ...contactFields(
      "emailAddress",
      ({ email }) => email,
      ({ emailConsent }) => emailConsent,
    ),
    validFormat: () => true,
  },
  CustomerPhoneNumber: contactFields("phoneNumber", ({ phone }) => phone, smsOf),
  CustomerEmailMarketingConsentState: consent,
  CustomerSmsMarketingConsentState: { ...consent, consentCollectedFrom: () => "SHOPIFY" },
  MailingAddress: {
    countryCodeV2: ({ country }) => country,
    firstName: ({ firstName }) => firstName,
    lastName: ({ lastName }) => lastName,
    name: ({ firstName, lastName }) => [firstName, lastName].filter(Boolean).join(" ") || null,
    zip: ({ zip }) => zip || null,
  } satisfies Fields<Address>,
  AbandonedCheckout: checkout,
  AbandonedCheckoutLineItem: {
    id: ({ id }) => gid("AbandonedCheckoutLineItem", id),
    title: ({ title }) => title,
    quantity: ({ quantity }) => quantity,
    product: ({ productId }, _, { state }) => state.store.products.get(productId) ?? null,
    variant: ({ variantId }, _, { state }) => state.store.variants.get(variantId)?.variant ?? null,
    originalUnitPriceSet: ({ priceCents }, _, context) => money(priceCents, context),
    discountedTotalPriceSet: ({ priceCents, quantity }, _, context) => money(priceCents * quantity, context),
  } satisfies Fields<Checkout["lines"][number]>,
}
