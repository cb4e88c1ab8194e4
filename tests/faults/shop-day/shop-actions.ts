/** What merchants and buyers do in a shop, one thing at a time: each may tell the app several messages. */
import type { Random } from "../../support/demo-shop/random.ts"
import type { Customer, Order } from "../../support/shop/state/resources.ts"
import type { ShopState } from "../../support/shop/state.ts"
import { addCustomer, addProduct, orderLines, refundSome, sellable } from "./stocked-shop.ts"

/** Kind of action, and how often it comes beside the others. */
const ACTIONS = {
  buy: 40,
  leaveCheckout: 8,
  fulfil: 12,
  deliver: 4,
  pay: 4,
  refund: 5,
  cancel: 2,
  edit: 3,
  price: 5,
  stock: 8,
  rename: 3,
  addProduct: 2,
  deleteProduct: 1,
  status: 1,
  collection: 2,
  customer: 4,
  account: 2,
  consent: 5,
  deleteCustomer: 1,
  deleteOrder: 1,
  shop: 1,
} as const

type Action = keyof typeof ACTIONS
const NAMES = Object.keys(ACTIONS) as Action[]
const WEIGHTS = NAMES.map((name) => ACTIONS[name])

/** Does one thing, drawn by chance. What it gives is nobody's concern. */
export function act(state: ShopState, random: Random): unknown {
  const { store } = state
  const name = NAMES[random.weighted(WEIGHTS)]
  const recent = () => pickOf([...store.orders.values()].slice(-400), random)
  const any = <T>(map: ReadonlyMap<string, T>) => pickOf([...map.values()], random)
  switch (name) {
    case undefined:
      return null
    case "buy":
      return buy(state, random, true)
    case "leaveCheckout":
      return buy(state, random, false)
    case "fulfil":
      return withOrder(recent(), ({ id, fulfilments }) => fulfilments.length === 0 && state.fulfilOrder(id))
    case "deliver":
      return withOrder(recent(), ({ id, fulfilments: [first] }) =>
        first ? state.updateFulfilment(id, first.id, { shipmentStatus: "delivered" }) : null,
      )
    case "pay":
      return withOrder(
        recent(),
        ({ id, financialStatus }) => financialStatus === "pending" && state.payOrder(id),
      )
    case "refund":
      return withOrder(recent(), (order) => refundSome(state, random, order, state.now()))
    case "cancel":
      return withOrder(recent(), ({ id }) => state.cancelOrder(id, { refund: random.chance(0.5) }))
    case "edit":
      return withOrder(recent(), ({ id, lines }) =>
        state.editOrder(id, {
          remove: random.chance(0.6) ? [{ lineId: random.pick(lines).id, quantity: 1 }] : [],
          add: random.chance(0.6) ? [{ variantId: random.pick(sellable(state)).id, quantity: 1 }] : [],
        }),
      )
    case "price":
      return state.updateProduct(any(store.products).id, { priceCents: 300 + random.integer(12_000) })
    case "stock": {
      const level = any(store.levels)
      return state.setInventory(level.itemId, level.locationId, random.integer(300))
    }
    case "rename":
      return state.updateProduct(any(store.products).id, { title: `Renamed ${random.integer(1e6)}` })
    case "addProduct":
      return addProduct(state, random, state.now())
    case "deleteProduct":
      return state.deleteProduct(any(store.products).id)
    case "status":
      return state.updateProduct(any(store.products).id, {
        status: random.pick(["active", "draft", "archived"]),
      })
    case "collection":
      return state.updateCollection(any(store.collections).id, { title: `Shelf ${random.integer(1e6)}` })
    case "customer":
      return addCustomer(state, random, state.now())
    case "account":
      return state.updateCustomer(any(store.customers).id, {
        state: random.pick(["enabled", "disabled"]),
      })
    case "consent": {
      const word = random.pick(["subscribed", "unsubscribed"] as const)
      return consentOf(state, any(store.customers), random.pick(["email", "sms"] as const), word)
    }
    case "deleteCustomer": {
      const stranger = [...store.customers.keys()].findLast((id) => !store.ordersByCustomer.get(id)?.length)
      return stranger === undefined ? null : state.deleteCustomer(stranger)
    }
    case "deleteOrder":
      return withOrder(recent(), ({ id, test }) => (test ? state.deleteOrder(id) : null))
    case "shop":
      return state.updateShop({ name: `Shop of a day ${random.integer(1e6)}` })
    default:
      return name satisfies never
  }
}

function buy(state: ShopState, random: Random, pays: boolean): void {
  const variants = sellable(state)
  const lines = orderLines(random, variants)
  const cart = state.putCart({ lines: lines.slice(0, 1) })
  if (lines.length > 1) state.putCart({ token: cart.token, lines })
  const known = random.chance(0.6)
  const customer = known ? pickOf([...state.store.customers.values()], random) : null
  const email = customer?.email ?? `buyer${random.integer(1e9)}@example.test`
  const checkout = state.startCheckout({ cartToken: cart.token, email, customerId: customer?.id ?? null })
  if (random.chance(0.7)) state.updateCheckout(checkout.token, { shippingTitle: "Standard" })
  if (!pays) return
  const buyer = customer ?? (random.chance(0.5) ? addCustomer(state, random, state.now()) : null)
  state.placeOrder({
    checkoutToken: checkout.token,
    cartToken: cart.token,
    lines,
    email: buyer?.email ?? email,
    customerId: buyer?.id ?? null,
    shippingCents: random.pick([0, 495]),
    financialStatus: random.chance(0.1) ? "pending" : "paid",
    test: random.chance(0.03),
  })
}

function withOrder(order: Order, work: (order: Order) => unknown): void {
  if (order.cancelledAtMs === null) work(order)
}

const pickOf = <T>(values: readonly T[], random: Random): T => random.pick(values)

/** Nobody can allow messages to a telephone that they have not named. */
function consentOf(
  state: ShopState,
  { id, phone }: Customer,
  channel: "email" | "sms",
  word: Parameters<ShopState["setConsent"]>[2],
) {
  if (channel === "sms" && phone === null) state.updateCustomer(id, { phone: `+44${id}` })
  return state.setConsent(id, channel, word)
}
