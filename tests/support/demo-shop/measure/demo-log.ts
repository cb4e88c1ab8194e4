import type { DemoShop } from "../generate.ts"
import type { Log, Order } from "./figures.ts"

/** The demo shop as a log of people: bots, duplicates and refunds left out by the truth. */
export function demoLog(name: string, shop: DemoShop): Log {
  const bots = new Set(shop.truth.bots.map((bot) => bot.visitor))
  const seen = new Set<string>()
  const attention = new Map<string, number>()
  const orders = new Map<string, { customer: string; atMs: number; items: string[] }>()
  const visits = new Map<string, { events: number; cart: boolean; purchase: boolean }>()
  for (const event of shop.events) {
    if (bots.has(event.shopper) || event.type === "refund" || seen.has(event.id ?? "")) continue
    seen.add(event.id ?? "")
    const key = event.session ?? ""
    const visit = visits.get(key) ?? { events: 0, cart: false, purchase: false }
    visits.set(key, visit)
    visit.events++
    if (event.type === "product_view" && event.item)
      attention.set(event.item, (attention.get(event.item) ?? 0) + 1)
    if (
      event.type === "cart_add" ||
      event.type === "cart_view" ||
      event.type === "favourite" ||
      event.type === "cart_remove"
    )
      visit.cart = true
    if (event.type !== "purchase") continue
    visit.purchase = true
    const order = orders.get(event.order ?? "") ?? { customer: event.shopper, atMs: event.atMs, items: [] }
    orders.set(event.order ?? "", order)
    if (event.item) order.items.push(event.item)
  }
  const list: Order[] = [...orders.values()]
  return {
    name,
    days: Math.round((shop.truth.endMs - shop.truth.startMs) / 86_400_000),
    orders: list,
    attention,
    visits: [...visits.values()],
  }
}
