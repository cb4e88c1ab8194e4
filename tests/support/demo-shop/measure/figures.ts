/** What one log of a shop looks like in a row of figures, by the same definitions for every log. */
export type Order = { customer: string; atMs: number; items: readonly string[] }

/** One visit: how many events or pages, and how far it came. `cart` is undefined where the log does not say. */
export type Visit = { events: number; cart: boolean | undefined; purchase: boolean }

export type Log = {
  name: string
  days: number
  orders: readonly Order[]
  /** Views (or, where the log has none, purchases) of each item. */
  attention: ReadonlyMap<string, number>
  visits: readonly Visit[]
}

export type Figures = {
  name: string
  days: number
  customers: number
  orders: number
  /** Share of customers with two orders or more in the whole log. */
  repeatRate: number
  /** Of customers with 90 days left after their first order: share that ordered again within 90 days. */
  repeatIn90Days: number
  medianGapDays: number
  meanGapDays: number
  /** Distinct items an order. */
  meanBasket: number
  medianBasket: number
  purchaseGini: number
  attentionGini: number
  visits: number
  meanEvents: number
  medianEvents: number
  visitToCart: number
  visitToPurchase: number
  cartToPurchase: number
}

const DAY_MS = 86_400_000

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Gini of counts over the items that occur: 0 all equal, 1 all on one. */
export function gini(counts: Iterable<number>): number {
  const sorted = [...counts].sort((a, b) => a - b)
  const total = sorted.reduce((sum, value) => sum + value, 0)
  let weighted = 0
  for (const [i, value] of sorted.entries()) weighted += (2 * (i + 1) - sorted.length - 1) * value
  return weighted / (sorted.length * total)
}

export function figuresOf(log: Log): Figures {
  const byCustomer = new Map<string, number[]>()
  const bought = new Map<string, number>()
  let endMs = 0
  for (const order of log.orders) {
    endMs = Math.max(endMs, order.atMs)
    // Orders of one day are one purchase: some logs know the day only.
    const day = Math.floor(order.atMs / DAY_MS)
    const days = byCustomer.get(order.customer)
    if (days) days.push(day)
    else byCustomer.set(order.customer, [day])
    for (const item of order.items) bought.set(item, (bought.get(item) ?? 0) + 1)
  }
  const gaps: number[] = []
  let repeaters = 0
  let followed = 0
  let again = 0
  for (const days of byCustomer.values()) {
    const distinct = [...new Set(days)].sort((a, b) => a - b)
    if (distinct.length > 1) repeaters++
    for (let i = 1; i < distinct.length; i++) gaps.push((distinct[i] ?? 0) - (distinct[i - 1] ?? 0))
    const first = distinct[0] ?? 0
    if (first + 90 <= endMs / DAY_MS) {
      followed++
      if ((distinct[1] ?? Infinity) - first <= 90) again++
    }
  }
  const baskets = log.orders.map((order) => new Set(order.items).size).filter((size) => size > 0)
  const carts = log.visits.filter((visit) => visit.cart)
  const cartKnown = log.visits.some((visit) => visit.cart !== undefined)
  const share = (part: number, whole: number) => (whole === 0 ? Number.NaN : part / whole)
  return {
    name: log.name,
    days: log.days,
    customers: byCustomer.size,
    orders: log.orders.length,
    repeatRate: share(repeaters, byCustomer.size),
    repeatIn90Days: share(again, followed),
    medianGapDays: median(gaps),
    meanGapDays: mean(gaps),
    meanBasket: mean(baskets),
    medianBasket: median(baskets),
    purchaseGini: bought.size === 0 ? Number.NaN : gini(bought.values()),
    attentionGini: log.attention.size === 0 ? Number.NaN : gini(log.attention.values()),
    visits: log.visits.length,
    meanEvents: mean(log.visits.map((visit) => visit.events)),
    medianEvents: median(log.visits.map((visit) => visit.events)),
    visitToCart: cartKnown ? share(carts.length, log.visits.length) : Number.NaN,
    visitToPurchase: share(log.visits.filter((visit) => visit.purchase).length, log.visits.length),
    cartToPurchase: cartKnown
      ? share(carts.filter((visit) => visit.purchase).length, carts.length)
      : Number.NaN,
  }
}

const whole = (value: number) =>
  Number.isNaN(value) || value === 0 ? "–" : Math.round(value).toLocaleString("en-GB")
const percent = (value: number) => (Number.isNaN(value) ? "–" : `${(100 * value).toFixed(1)} %`)
const fixed = (digits: number) => (value: number) => (Number.isNaN(value) ? "–" : value.toFixed(digits))

const ROWS: readonly { title: string; of: (figures: Figures) => string }[] = [
  { title: "Days", of: (f) => whole(f.days) },
  { title: "Customers with an order", of: (f) => whole(f.customers) },
  { title: "Orders", of: (f) => whole(f.orders) },
  { title: "Repeat rate, whole log", of: (f) => percent(f.repeatRate) },
  { title: "Ordered again within 90 days", of: (f) => percent(f.repeatIn90Days) },
  { title: "Gap between orders, median days", of: (f) => whole(f.medianGapDays) },
  { title: "Gap between orders, mean days", of: (f) => fixed(1)(f.meanGapDays) },
  { title: "Distinct items an order, mean", of: (f) => fixed(2)(f.meanBasket) },
  { title: "Distinct items an order, median", of: (f) => whole(f.medianBasket) },
  { title: "Gini of items bought", of: (f) => fixed(3)(f.purchaseGini) },
  { title: "Gini of items viewed", of: (f) => fixed(3)(f.attentionGini) },
  { title: "Visits", of: (f) => whole(f.visits) },
  { title: "Events a visit, mean", of: (f) => fixed(1)(f.meanEvents) },
  { title: "Events a visit, median", of: (f) => whole(f.medianEvents) },
  { title: "Visit → cart", of: (f) => percent(f.visitToCart) },
  { title: "Visit → purchase", of: (f) => percent(f.visitToPurchase) },
  { title: "Cart → purchase", of: (f) => percent(f.cartToPurchase) },
]

/** The figures of several logs side by side, as a Markdown table. */
export function figuresTable(columns: readonly Figures[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`
  return [
    line(["", ...columns.map((column) => column.name)]),
    line(["---", ...columns.map(() => "---:")]),
    ...ROWS.map((row) => line([row.title, ...columns.map(row.of)])),
  ].join("\n")
}
