/** What happens in the small shop but for orders: products, stock, customers, baskets and visits. */
import {
  cartPayload,
  emailConsentPayload,
  shopTime,
  smsConsentPayload,
} from "../../support/webhook-payloads.ts"
import { type Checkout, type Customer, NAMES, type Product, pick, type SmallShop } from "./small-shop.ts"
import { tell, tellCheckout, tellCustomer, tellProduct } from "./tell.ts"

/** Three small numbers that say to what it happens, and how. */
export type Detail = { a: number; b: number; c: number }
export type Perform = (shop: SmallShop, detail: Detail) => void

/** The n-th product, made where it is new. It may be deleted. */
export function productOf(shop: SmallShop, n: number): Product {
  const id = pick(NAMES.products, n)
  const there = shop.products.get(id)
  if (there) return there
  const times = { atMs: shop.nowMs, updatedMs: shop.nowMs }
  const made = { id, ...times, priceCents: 1_000 + n, published: true, deleted: false }
  shop.products.set(id, made)
  tellProduct(shop, "products/create", made)
  return made
}

const isTaken = (shop: SmallShop, email: string, but: number) =>
  [...shop.customers.values()].some((one) => one.id !== but && !one.deleted && one.email === email)

/** The n-th customer, made where they are new; undefined where they were deleted. */
export function customerOf(shop: SmallShop, n: number): Customer | undefined {
  const id = pick(NAMES.customers, n)
  const there = shop.customers.get(id)
  if (there) return there.deleted ? undefined : there
  const email = NAMES.emails.find((one) => !isTaken(shop, one, id)) ?? null
  const made = { id, atMs: shop.nowMs, updatedMs: shop.nowMs, email, name: "Ada", deleted: false }
  shop.customers.set(id, made)
  tellCustomer(shop, "customers/create", made)
  return made
}

function checkoutOf(shop: SmallShop, n: number): Checkout | undefined {
  const checkout = shop.checkouts.get(pick(NAMES.checkouts, n))
  return checkout?.deleted ? undefined : checkout
}

const changeProduct: Perform = (shop, { a, b }) => {
  const product = productOf(shop, a)
  if (product.deleted) return
  Object.assign(product, { priceCents: 1_000 + b * 100, published: b % 3 !== 0 })
  tellProduct(shop, "products/update", product)
}

const deleteProduct: Perform = (shop, { a }) => {
  const product = shop.products.get(pick(NAMES.products, a))
  if (!product || product.deleted) return
  product.deleted = true
  tell(shop, "products/delete", { id: product.id })
}

const stockPlace = ({ a, b }: Detail) => ({
  inventory_item_id: pick(NAMES.products, a) * 100 + (b % 2),
  location_id: 1 + (b % 3),
})

const changeStock: Perform = (shop, detail) =>
  tell(shop, "inventory_levels/update", {
    ...stockPlace(detail),
    available: detail.c % 3,
    updated_at: shopTime(shop.nowMs),
  })

const endStock: Perform = (shop, detail) => tell(shop, "inventory_levels/disconnect", stockPlace(detail))

const changeCustomer: Perform = (shop, { a, b, c }) => {
  const customer = customerOf(shop, a)
  if (!customer) return
  const email = pick([...NAMES.emails, null], b)
  if (email === null || !isTaken(shop, email, customer.id)) customer.email = email
  customer.name = `Name ${c}`
  tellCustomer(shop, "customers/update", customer)
}

/** Shopify refuses to delete one who has orders. */
const deleteCustomer: Perform = (shop, { a }) => {
  const customer = shop.customers.get(pick(NAMES.customers, a))
  if (!customer || customer.deleted) return
  if ([...shop.orders.values()].some((order) => order.customer === customer.id)) return
  customer.deleted = true
  for (const checkout of shop.checkouts.values())
    if (checkout.customer === customer.id) checkout.customer = null
  tell(shop, "customers/delete", { id: customer.id })
}

const changeConsent: Perform = (shop, { a, b, c }) => {
  const customer = customerOf(shop, a)
  if (!customer) return
  const state = b % 2 ? "subscribed" : "unsubscribed"
  if (c % 2)
    tell(
      shop,
      "customers_email_marketing_consent/update",
      emailConsentPayload(customer.id, state, shop.nowMs),
    )
  else tell(shop, "customers_marketing_consent/update", smsConsentPayload(customer.id, state, shop.nowMs))
}

const changeCart: Perform = (shop, { a }) =>
  tell(shop, "carts/update", cartPayload(pick(NAMES.carts, a), shop.nowMs))

const browse: Perform = (shop, { a, b, c }) => {
  const browser = pick(NAMES.browsers, a)
  const cart = c % 2 ? { cart: pick(NAMES.carts, b) } : {}
  const events = [{ type: "page_view", at: shop.nowMs, id: `page-${++shop.lastId}` }]
  const body = { shopper: { kind: "browser", name: browser }, session: browser, ...cart, events }
  shop.sent.push({ door: "block", atMs: shop.nowMs, body })
}

const beginCheckout: Perform = (shop, { a, b, c }) => {
  const token = pick(NAMES.checkouts, a)
  if (shop.checkouts.has(token)) return
  const customer = c % 2 ? customerOf(shop, b) : undefined
  const times = { atMs: shop.nowMs, updatedMs: shop.nowMs, completedMs: null }
  const who = { customer: customer?.id ?? null, email: customer?.email ?? null }
  const checkout = { token, ...times, ...who, cart: pick(NAMES.carts, b), address: false, deleted: false }
  shop.checkouts.set(token, checkout)
  tellCheckout(shop, "checkouts/create", checkout)
}

const fillCheckout: Perform = (shop, { a, b, c }) => {
  const checkout = checkoutOf(shop, a)
  if (!checkout) return
  checkout.email ??= pick(NAMES.emails, b)
  checkout.address = c % 2 === 1
  tellCheckout(shop, "checkouts/update", checkout)
}

const deleteCheckout: Perform = (shop, { a }) => {
  const checkout = checkoutOf(shop, a)
  if (!checkout) return
  checkout.deleted = true
  tell(shop, "checkouts/delete", { id: 1, token: checkout.token })
}

const changeShop: Perform = (shop, { a, b }) =>
  tell(shop, "shop/update", {
    id: 5,
    name: `Ton ${a}`,
    currency: pick(["EUR", "USD", "GBP"], b),
    iana_timezone: "Europe/Berlin",
    updated_at: shopTime(shop.nowMs),
  })

export const ACTS: readonly Perform[] = [
  changeProduct,
  deleteProduct,
  changeStock,
  changeStock,
  endStock,
  changeCustomer,
  changeCustomer,
  deleteCustomer,
  changeConsent,
  changeCart,
  browse,
  browse,
  beginCheckout,
  beginCheckout,
  fillCheckout,
  deleteCheckout,
  changeShop,
]
