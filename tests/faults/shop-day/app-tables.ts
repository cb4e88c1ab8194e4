/** What the app's tables say of a shop, in the same plain lines as the shop's truth: read by SQL alone. */
import type pg from "pg"
import type { Customer } from "../../support/shop/state/resources.ts"
import { add, GONE, type Lines, noLines } from "./shop-truth.ts"

/** How the app keeps what names a person; the checker has its keys. */
export type Secrets = {
  /** Name of a customer's record. */
  blind: (customerId: string) => string
  /** What is sealed in each customer's record, by the record's name. */
  personal: ReadonlyMap<string, { email: string | null; firstName: string | null }>
}

type Row = { kind: string; record_key: string; parent_key: string | null; fields: Record<string, unknown> }

const second = (ms: unknown) => (typeof ms === "number" ? Math.floor(ms / 1000) : null)
const said = (...parts: unknown[]) => JSON.stringify(parts)
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value : [])

export async function appTables(
  pool: pg.Pool,
  shopId: number,
  customers: Iterable<Customer>,
  secrets: Secrets,
): Promise<Lines> {
  const lines = noLines()
  const idOfBlind = new Map([...customers].map(({ id }) => [secrets.blind(id), id]))
  const shop = await pool.query("SELECT name, currency, time_zone FROM shops WHERE shop_id = $1", [shopId])
  for (const { name, currency, time_zone } of shop.rows)
    lines.shop.set("shop", said(name, currency, time_zone))
  const { rows } = await pool.query<Row>(
    `SELECT kind, record_key, parent_key, fields FROM shop_records
     WHERE shop_id = $1 AND NOT deleted AND fields <> '{}'`,
    [shopId],
  )
  for (const row of rows) tell(lines, row, idOfBlind, secrets)
  await tellConsents(pool, shopId, lines, idOfBlind)
  await tellEvents(pool, shopId, lines)
  return lines
}

function tell(lines: Lines, row: Row, idOfBlind: ReadonlyMap<string, string>, secrets: Secrets): void {
  const { kind, record_key: key, parent_key: parent, fields } = row
  const f = fields
  switch (kind) {
    case "product": {
      const published = f.publishedAtMs !== null && f.publishedAtMs !== undefined
      lines.products.set(key, said(f.title, f.handle, f.status, f.category, f.brand, published))
      const tracking = Object(f.tracking)
      for (const { id, priceCents, sellsWhenOut } of listOf(f.variants))
        lines.variants.set(`${key}/${id}`, said(priceCents, tracking[String(id)], sellsWhenOut))
      return
    }
    case "inventory_level":
      // A level that is connected nowhere has no number.
      if (f.available !== null) lines["inventory levels"].set(key, said(f.available))
      return
    case "collection":
      return void lines.collections.set(key, said(f.title, f.handle))
    case "customer": {
      const { email = null, firstName = null } = secrets.personal.get(key) ?? {}
      const name = idOfBlind.get(key) ?? `unknown ${key}`
      return void lines.customers.set(
        name,
        said(second(f.createdAtMs), f.account, f.country ?? null, email, firstName),
      )
    }
    case "order": {
      const customer = typeof f.customer === "string" ? (idOfBlind.get(f.customer) ?? "unknown") : null
      const { currency, totalCents, financialStatus, fulfilmentStatus, test } = f
      lines.orders.set(
        key,
        said(
          second(f.createdAtMs),
          currency,
          totalCents,
          financialStatus,
          fulfilmentStatus,
          second(f.cancelledAtMs),
          test,
          customer,
        ),
      )
      for (const { id, quantity, currentQuantity, priceCents, discountCents } of listOf(f.lines))
        lines["order lines"].set(`${key}/${id}`, said(quantity, currentQuantity, priceCents, discountCents))
      return
    }
    case "refund": {
      const units = listOf(f.lines).map(({ lineId, quantity }) => `${lineId}×${quantity}`)
      return void lines.refunds.set(key, said(parent, second(f.createdAtMs), f.totalCents, units.sort()))
    }
    case "fulfilment":
      return void lines.fulfilments.set(
        key,
        said(parent, f.status, f.shipmentStatus ?? null, second(f.createdAtMs)),
      )
    default:
      // Carts and checkouts are in no export of the shop: what of them was lost stays lost.
      return
  }
}

async function tellConsents(
  pool: pg.Pool,
  shopId: number,
  lines: Lines,
  idOfBlind: ReadonlyMap<string, string>,
): Promise<void> {
  const { rows } = await pool.query<{ blind: string; purpose: string }>(
    `SELECT encode(i.blind, 'hex') AS blind, c.purpose FROM consents c
     JOIN shopper_identities i ON i.shop_id = c.shop_id AND i.shopper_id = c.shopper_id AND i.kind = 'customer'
     WHERE c.shop_id = $1 AND c.granted AND c.purpose IN ('email', 'sms')`,
    [shopId],
  )
  for (const { blind, purpose } of rows) {
    const id = idOfBlind.get(blind)
    // Of a customer whom the shop has deleted nothing is compared.
    if (id !== undefined) lines[purpose === "email" ? "e-mail consents" : "sms consents"].set(id, "granted")
  }
}

async function tellEvents(pool: pg.Pool, shopId: number, lines: Lines): Promise<void> {
  const { rows } = await pool.query<{
    type: number
    order: string
    item: string | null
    price: number | null
    at: string
    units: number
  }>(
    `SELECT e.type, e.order_ref AS order, p.external_id AS item, e.price_cents AS price, e.quantity AS units,
       floor(extract(epoch FROM e.at))::bigint AS at
     FROM events e LEFT JOIN products p ON p.shop_id = e.shop_id AND p.product_id = e.product_id
     WHERE e.shop_id = $1 AND e.type IN (17, 18)`,
    [shopId],
  )
  for (const { type, order, item, price, at, units } of rows) {
    const product = item !== null && lines.products.has(item) ? item : GONE
    add(lines[type === 17 ? "purchase events" : "refund events"], `${order}/${product}/${price}/${at}`, units)
  }
}
