/**
 * The demo shop's past, as the two sources tell it that a real shop has: the shop itself knows customers, orders and
 * refunds; what people looked at is in no shop, only in a log. Neither repeats what the other says.
 */
import type { PlainEvent } from "../../../app/capture/event.ts"
import type { NumberedShop } from "../demo-shop/numbered.ts"
import type { Order } from "./state/resources.ts"
import type { ShopState } from "./state.ts"

const FIRST_CUSTOMER = 6_000_000_000_001 // as long as Shopify's

/** Whom the log names (`cust-…`), and the number under which the shop has them. */
export type NamedCustomer = { name: string; id: string }

/** What the log keeps: everything but sales and refunds. */
export const browsingOf = (events: readonly PlainEvent[]): PlainEvent[] =>
  events.filter(({ type }) => type !== "purchase" && type !== "refund")

/** Puts customers, orders and refunds into the shop, whose products are there already. */
export function addPast(state: ShopState, shop: NumberedShop): NamedCustomer[] {
  const customers = new Map<string, string>()
  const sales = new Map<string, PlainEvent[]>()
  const refunds: PlainEvent[] = []
  for (const event of [...new Set(shop.events)].sort((a, b) => a.atMs - b.atMs)) {
    if (event.shopper.startsWith("cust-") && !customers.has(event.shopper))
      customers.set(event.shopper, addCustomer(state, event.shopper, customers.size, event.atMs))
    if (event.type === "refund") refunds.push(event)
    else if (event.type === "purchase" && event.order !== undefined)
      sales.set(event.order, [...(sales.get(event.order) ?? []), event])
  }
  const orders = new Map<string, Order>()
  for (const [name, lines] of sales) orders.set(name, addOrder(state, customers, lines))
  for (const refund of refunds) addRefund(state, orders.get(refund.order ?? ""), refund)
  return [...customers].map(([name, id]) => ({ name, id }))
}

/**
 * People sign in with a code by e-mail, as in new shops of Shopify's: the `state` of such customers stays `disabled`,
 * and that they registered is in the log alone.
 */
function addCustomer(state: ShopState, name: string, index: number, atMs: number): string {
  const given = {
    id: String(FIRST_CUSTOMER + index),
    email: `${name}@larkfield.test`,
    firstName: "Customer",
    lastName: String(index + 1),
    country: "GB",
  }
  return state.createCustomer(given, { atMs }).id
}

function addOrder(
  state: ShopState,
  customers: ReadonlyMap<string, string>,
  sold: readonly PlainEvent[],
): Order {
  const [first] = sold
  const lines = sold.map(({ item, priceCents, quantity = 1 }) => {
    const variantId = state.store.products.get(item ?? "")?.variants[0]?.id
    return {
      ...(variantId === undefined ? {} : { variantId }),
      ...(priceCents === undefined ? {} : { priceCents }),
      quantity,
    }
  })
  const customerId = customers.get(first?.shopper ?? "") ?? null
  return state.placeOrder({ customerId, lines }, { atMs: first?.atMs ?? state.now(), fromStock: false })
}

function addRefund(
  state: ShopState,
  order: Order | undefined,
  { item, quantity = 1, atMs }: PlainEvent,
): void {
  const line = order?.lines.find(({ productId }) => productId === item)
  if (order && line) state.refundOrder(order.id, { lines: [{ lineId: line.id, quantity }] }, { atMs })
}
