/** What happens to orders in the small shop. */
import { shopTime } from "../../support/webhook-payloads.ts"
import { customerOf, type Detail, type Perform, productOf } from "./acts.ts"
import { NAMES, type Order, pick, type SmallShop } from "./small-shop.ts"
import { fulfilmentBody, refundBody, tell, tellCheckout, tellOrder } from "./tell.ts"

function place(
  shop: SmallShop,
  who: Pick<Order, "customer" | "email" | "cart" | "checkout">,
  { b, c }: Detail,
): void {
  const id = ++shop.lastId
  const lines = Array.from({ length: 1 + (c % 2) }, (_, n) => ({
    id: id * 10 + n,
    product: productOf(shop, b + n).id,
    quantity: 1 + ((b + n) % 3),
    removed: 0,
    priceCents: 1_000 + b,
  }))
  const nothing = { refunds: [], fulfilled: null, cancelledMs: null, deleted: false }
  const order: Order = { id, atMs: shop.nowMs, lines, ...who, ...nothing }
  shop.orders.set(id, order)
  tellOrder(shop, "orders/create", order)
  if (c % 3 === 0) tellOrder(shop, "orders/paid", order)
  const checkout = order.checkout === null ? undefined : shop.checkouts.get(order.checkout)
  if (!checkout || checkout.deleted) return
  checkout.completedMs = shop.nowMs
  tellCheckout(shop, "checkouts/update", checkout)
}

const orderAsCustomer: Perform = (shop, detail) => {
  const { a, b, c } = detail
  const customer = customerOf(shop, a)
  const cart = c % 3 ? pick(NAMES.carts, a) : null
  const checkout = c % 2 ? pick(NAMES.checkouts, b) : null
  place(shop, { customer: customer?.id ?? null, email: customer?.email ?? null, cart, checkout }, detail)
}

const orderAsGuest: Perform = (shop, detail) => {
  const { a, b } = detail
  place(
    shop,
    { customer: null, email: pick(NAMES.emails, a), cart: pick(NAMES.carts, b), checkout: null },
    detail,
  )
}

const orderWithoutName: Perform = (shop, detail) => {
  const cart = detail.c % 2 ? pick(NAMES.carts, detail.b) : null
  place(shop, { customer: null, email: null, cart, checkout: null }, detail)
}

function orderOf(shop: SmallShop, n: number): Order | undefined {
  const live = [...shop.orders.values()].filter(({ deleted }) => !deleted)
  return live.length === 0 ? undefined : pick(live, n)
}

const edit: Perform = (shop, { a, b, c }) => {
  const order = orderOf(shop, a)
  if (!order) return
  const at = shopTime(shop.nowMs)
  tell(shop, "orders/edited", {
    order_edit: { id: ++shop.lastId, order_id: order.id, created_at: at, committed_at: at },
  })
  const line = pick(order.lines, b)
  if (c % 2 && line.removed < line.quantity) {
    // What an edit takes away stands among the refunds, without money.
    line.removed += 1
    order.refunds.push({ id: ++shop.lastId, atMs: shop.nowMs, line: line.id, quantity: 1, paid: false })
  } else {
    const id = order.id * 10 + order.lines.length
    order.lines.push({ id, product: productOf(shop, c).id, quantity: 1, removed: 0, priceCents: 700 })
  }
  tellOrder(shop, "orders/updated", order)
}

const refund: Perform = (shop, { a, b }) => {
  const order = orderOf(shop, a)
  const line = order && pick(order.lines, b)
  if (!order || !line || line.removed >= line.quantity) return
  line.removed += 1
  const made = { id: ++shop.lastId, atMs: shop.nowMs, line: line.id, quantity: 1, paid: true }
  order.refunds.push(made)
  tell(shop, "refunds/create", refundBody(order, made))
  tellOrder(shop, "orders/updated", order)
}

const cancel: Perform = (shop, { a }) => {
  const order = orderOf(shop, a)
  if (!order || order.cancelledMs !== null) return
  order.cancelledMs = shop.nowMs
  tellOrder(shop, "orders/cancelled", order)
}

const fulfil: Perform = (shop, { a }) => {
  const order = orderOf(shop, a)
  if (!order || order.fulfilled !== null) return
  order.fulfilled = ++shop.lastId
  tell(shop, "fulfillments/create", fulfilmentBody(order, order.fulfilled))
  tellOrder(shop, "orders/updated", order)
}

/** A guest's order becomes a customer's. */
const assign: Perform = (shop, { a, b }) => {
  const order = orderOf(shop, a)
  const customer = customerOf(shop, b)
  if (!order || !customer || order.customer !== null) return
  order.customer = customer.id
  tellOrder(shop, "orders/updated", order)
}

const deleteOrder: Perform = (shop, { a }) => {
  const order = orderOf(shop, a)
  if (!order) return
  order.deleted = true
  tell(shop, "orders/delete", { id: order.id })
}

export const ORDER_ACTS: readonly Perform[] = [
  orderAsCustomer,
  orderAsCustomer,
  orderAsGuest,
  orderAsGuest,
  orderWithoutName,
  edit,
  refund,
  cancel,
  fulfil,
  assign,
  deleteOrder,
]
