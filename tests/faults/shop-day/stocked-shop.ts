/** A shop with a past: products with their stock, collections, customers who agreed to mail or not, and orders. */
import type { Random } from "../../support/demo-shop/random.ts"
import type { Customer, Order, Variant } from "../../support/shop/state/resources.ts"
import { makeShopState, type ShopState } from "../../support/shop/state.ts"

const PRODUCTS = 400
const COLLECTIONS = 12
const ORDERS_A_CUSTOMER = 4
const DAY_MS = 86_400_000
/** Within what Shopify shows an app without read_all_orders. */
const PAST_DAYS = 59

export function makeStockedShop(options: {
  domain: string
  apiKey: string
  apiSecret: string
  orders: number
  random: Random
}): ShopState {
  const { random, orders, ...app } = options
  const state = makeShopState({ ...app, name: "Shop of a day", currency: "EUR", timeZone: "Europe/Berlin" })
  const now = state.now()
  const startMs = now - PAST_DAYS * DAY_MS
  for (let n = 0; n < PRODUCTS; n++) addProduct(state, random, startMs - random.integer(300) * DAY_MS)
  for (let n = 0; n < COLLECTIONS; n++) {
    const productIds = [...state.store.products.keys()].filter(() => random.chance(0.1))
    state.createCollection({ title: `Collection ${n}`, productIds }, { atMs: startMs })
  }
  for (let n = 0; n < Math.max(20, orders / ORDERS_A_CUSTOMER); n++)
    addCustomer(state, random, startMs - random.integer(300) * DAY_MS)
  const customers = [...state.store.customers.values()]
  const variants = sellable(state)
  // A shop looks back from now, so its orders lie in the order of time.
  const times = Array.from({ length: orders }, () => random.between(startMs, now - 60_000)).sort(
    (a, b) => a - b,
  )
  for (const atMs of times) addPastOrder(state, random, { customers, variants, atMs: Math.floor(atMs), now })
  return state
}

export function addProduct(state: ShopState, random: Random, atMs: number): void {
  const counted = random.chance(0.85)
  const variants = Array.from({ length: random.pick([1, 1, 1, 2, 3, 5]) }, (_, n) => ({
    title: `Size ${n + 1}`,
    sku: `S${state.store.products.size}-${n}`,
    priceCents: 300 + random.integer(12_000),
    ...(counted ? { available: random.integer(400) } : {}),
    ...(random.chance(0.1) ? { inventoryPolicy: "continue" as const } : {}),
  }))
  state.createProduct(
    {
      title: `Thing ${state.store.products.size} ${random.pick(["oak", "linen", "clay", "brass"])}`,
      productType: random.pick(["Pots", "Cloth", "Lamps", "Paper"]),
      vendor: random.pick(["Otter", "Heron", "Lark"]),
      descriptionHtml: `<p>Made by hand, <em>${random.pick(["slowly", "twice", "well"])}</em>.</p>`,
      ...(random.chance(0.05) ? { status: "draft" as const } : {}),
      ...(random.chance(0.05) ? { publishedAtMs: null } : {}),
      variants,
    },
    { atMs },
  )
}

export function addCustomer(state: ShopState, random: Random, atMs: number): Customer {
  const number = state.store.customers.size
  const customer = state.createCustomer(
    {
      email: `Person.${number}.${random.integer(1e6)}@example.test`,
      firstName: `First${number}`,
      lastName: `Last${number}`,
      country: random.pick(["DE", "FR", "GB", "US"]),
      state: random.chance(0.4) ? "enabled" : "disabled",
    },
    { atMs },
  )
  if (random.chance(0.4))
    state.setConsent(customer.id, "email", random.chance(0.8) ? "subscribed" : "unsubscribed", {
      atMs: atMs + 1_000,
    })
  return customer
}

/** What a buyer can put into a cart. */
export function sellable(state: ShopState): Variant[] {
  return [...state.store.products.values()]
    .filter(({ status, publishedAtMs }) => status === "active" && publishedAtMs !== null)
    .flatMap(({ variants }) => variants)
}

export function orderLines(random: Random, variants: readonly Variant[]) {
  const chosen = new Set(Array.from({ length: random.pick([1, 1, 2, 2, 3, 4]) }, () => random.pick(variants)))
  return [...chosen].map(({ id, priceCents }) => {
    const quantity = random.pick([1, 1, 1, 2, 3])
    const discountCents = random.chance(0.15) ? Math.floor(priceCents * quantity * 0.1) : 0
    return { variantId: id, quantity, discountCents }
  })
}

function addPastOrder(
  state: ShopState,
  random: Random,
  {
    customers,
    variants,
    atMs,
    now,
  }: { customers: Customer[]; variants: Variant[]; atMs: number; now: number },
): void {
  const guest = random.chance(0.1)
  const order = state.placeOrder(
    {
      lines: orderLines(random, variants),
      ...(guest
        ? { email: `guest${state.store.orders.size}@example.test` }
        : { customerId: random.pick(customers).id }),
      shippingCents: random.pick([0, 495, 995]),
      test: random.chance(0.01),
      financialStatus: random.chance(0.05) ? "pending" : "paid",
    },
    { atMs, fromStock: false },
  )
  const later = () => Math.floor(random.between(atMs + 1_000, now - 1_000))
  if (random.chance(0.6)) state.fulfilOrder(order.id, {}, { atMs: later() })
  if (random.chance(0.05)) refundSome(state, random, order, later())
  if (random.chance(0.02)) state.cancelOrder(order.id, { refund: random.chance(0.5) }, { atMs: later() })
}

export function refundSome(state: ShopState, random: Random, order: Order, atMs: number): void {
  const line = random.pick(order.lines)
  state.refundOrder(order.id, random.chance(0.5) ? { lines: [{ lineId: line.id, quantity: 1 }] } : {}, {
    atMs,
  })
}
