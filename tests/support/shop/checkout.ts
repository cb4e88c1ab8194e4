/** What the storefront's buttons do to the shop: the cart, the checkout, and the order that comes of it. */
import type { Cart, Checkout, Customer, Order } from "./state/resources.ts"
import type { ShopState } from "./state.ts"

const SHIPPING_CENTS: Record<string, number> = { standard: 495, express: 995 }
const MOST_OF_ONE = 99

export function linesOf(state: ShopState, token: string | null): Cart["lines"] {
  return state.store.carts.get(token ?? "")?.lines ?? []
}

/** Puts more of a variant into the cart, or with `null` takes it out. A first one makes the cart. */
export function changeCart(
  state: ShopState,
  token: string | null,
  variantId: string,
  more: number | null,
): Cart {
  const quantities = new Map(linesOf(state, token).map((line) => [line.variantId, line.quantity]))
  if (more === null) quantities.delete(variantId)
  else quantities.set(variantId, Math.min(MOST_OF_ONE, (quantities.get(variantId) ?? 0) + more))
  const lines = [...quantities].map(([id, quantity]) => ({ variantId: id, quantity }))
  return state.putCart({ ...(token !== null && state.store.carts.has(token) ? { token } : {}), lines })
}

/** The open checkout of a cart, begun where there is none. Null for an empty cart. */
export function openCheckout(
  state: ShopState,
  cartToken: string | null,
  customerId: string | null,
): Checkout | null {
  if (cartToken === null || linesOf(state, cartToken).length === 0) return null
  for (const checkout of state.store.checkouts.values())
    if (checkout.cartToken === cartToken && checkout.completedAtMs === null) return checkout
  const customer = state.store.customers.get(customerId ?? "")
  return state.startCheckout({
    cartToken,
    ...(customer ? { customerId: customer.id, email: customer.email } : {}),
  })
}

export type Payment = { email: string; name: string; shipping: string; country: string }

/** Contact, address and way of shipping, then the payment: an order. The buyer is a customer from then on. */
export function pay(
  state: ShopState,
  cartToken: string | null,
  customerId: string | null,
  given: Payment,
): Order | null {
  const checkout = openCheckout(state, cartToken, customerId)
  if (!checkout) return null
  const lines = linesOf(state, cartToken).map(({ variantId, quantity }) => ({ variantId, quantity }))
  const buyer = customerFor(state, customerId, given)
  const [firstName = null, ...rest] = given.name.trim().split(/\s+/)
  state.updateCheckout(checkout.token, {
    email: given.email,
    shippingAddress: { firstName, lastName: rest.join(" ") || null, country: given.country, zip: "" },
  })
  state.updateCheckout(checkout.token, { shippingTitle: given.shipping })
  const order = state.placeOrder({
    checkoutToken: checkout.token,
    customerId: buyer.id,
    email: given.email,
    shippingCents: SHIPPING_CENTS[given.shipping] ?? 0,
    lines,
  })
  if (cartToken !== null) state.putCart({ token: cartToken, lines: [] })
  return order
}

/** As Shopify does: the customer who is logged in, else the one with this address, else a new one without an account. */
function customerFor(state: ShopState, customerId: string | null, { email, name }: Payment): Customer {
  const known = state.store.customers.get(customerId ?? "")
  if (known) return known
  const address = email.toLowerCase()
  for (const customer of state.store.customers.values())
    if (customer.email?.toLowerCase() === address) return customer
  const [firstName = null, ...rest] = name.trim().split(/\s+/)
  return state.createCustomer({
    ...(customerId === null ? {} : { id: customerId, state: "enabled" as const }),
    email,
    firstName,
    lastName: rest.join(" ") || null,
  })
}
