import { readFile } from "node:fs/promises"
import path from "node:path"
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import type { Log, Visit } from "./figures.ts"

/**
 * The public research logs as the same kind of log. Days, users and carts are what each log has: Tmall knows
 * days only, so a "visit" there is one user's day; Online Retail and CDNOW have no visits at all.
 */
const DAY_MS = 86_400_000

type Draft = { customer: string; atMs: number; items: string[] }

function span(orders: readonly Draft[]): number {
  const times = orders.map((order) => order.atMs)
  const [low, high] = times.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  )
  return Math.round((high - low) / DAY_MS) + 1
}

export async function tmallLog(folder: string): Promise<Log> {
  const text = await readFile(path.join(folder, "tmall/t_alibaba_data.csv"), "utf8")
  const visits = new Map<string, { events: number; cart: boolean; purchase: boolean }>()
  const attention = new Map<string, number>()
  const orders = new Map<string, Draft>()
  for (const line of text.split(/\r?\n/).slice(1)) {
    const [user, brand, type, date] = line.split(",")
    const [month, day] = (date ?? "").split("-").map(Number)
    if (!user || !brand || !month || !day) continue
    const key = `${user}|${date}`
    const visit = visits.get(key) ?? { events: 0, cart: false, purchase: false }
    visits.set(key, visit)
    visit.events++
    if (type === "0") attention.set(brand, (attention.get(brand) ?? 0) + 1)
    if (type === "2" || type === "3") visit.cart = true
    if (type !== "1") continue
    visit.purchase = true
    const order = orders.get(key) ?? { customer: user, atMs: Date.UTC(2013, month - 1, day), items: [] }
    orders.set(key, order)
    order.items.push(brand)
  }
  return {
    name: "Tmall (brands, user-days)",
    days: 123,
    orders: [...orders.values()],
    attention,
    visits: [...visits.values()],
  }
}

export async function onlineRetailLog(folder: string): Promise<Log> {
  const file = await asyncBufferFromFile(path.join(folder, "online_retail/online_retail.parquet"))
  const rows: Record<string, unknown>[] = await parquetReadObjects({ file, compressors })
  const orders = new Map<string, Draft>()
  for (const row of rows) {
    const invoice = String(row.InvoiceNo)
    if (
      invoice.startsWith("C") ||
      row.CustomerID === null ||
      row.CustomerID === undefined ||
      Number(row.Quantity) <= 0
    )
      continue
    const [month, day, year, hour, minute] = String(row.InvoiceDate).split(/[/ :]/).map(Number)
    const atMs = Date.UTC(2000 + (year ?? Number.NaN), (month ?? 0) - 1, day, hour, minute)
    if (Number.isNaN(atMs)) continue
    const order = orders.get(invoice) ?? { customer: String(row.CustomerID), atMs, items: [] }
    orders.set(invoice, order)
    order.items.push(String(row.StockCode))
  }
  const list = [...orders.values()]
  return {
    name: "Online Retail (wholesale)",
    days: span(list),
    orders: list,
    attention: new Map(),
    visits: [],
  }
}

export async function cdnowLog(folder: string): Promise<Log> {
  const text = await readFile(path.join(folder, "cdnow/CDNOW_sample.txt"), "utf8")
  const orders: Draft[] = []
  for (const line of text.split(/\r?\n/)) {
    const [, customer, date] = line.trim().split(/\s+/)
    if (!customer || !date || date.length !== 8) continue
    orders.push({
      customer,
      atMs: Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6))),
      items: [],
    })
  }
  return { name: "CDNOW", days: span(orders), orders, attention: new Map(), visits: [] }
}

export async function onlineShoppersLog(folder: string): Promise<Log> {
  const text = await readFile(path.join(folder, "online_shoppers/online_shoppers_intention_raw.csv"), "utf8")
  const visits: Visit[] = []
  for (const line of text.split(/\r?\n/).slice(1)) {
    const cells = line.split(",")
    if (cells.length < 18) continue
    visits.push({
      events: Number(cells[0]) + Number(cells[2]) + Number(cells[4]),
      cart: undefined,
      purchase: (cells[17] ?? "").trim().toUpperCase() === "TRUE",
    })
  }
  return { name: "Online Shoppers (pages)", days: 365, orders: [], attention: new Map(), visits }
}
