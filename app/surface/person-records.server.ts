/** What the shop's own records say of a person: customer data, consents, orders, baskets. */
import { z } from "zod"
import type { PersonalFields, RecordFields, RecordKind } from "../capture/shopify/record.ts"
import { recordPlace } from "../capture/shopify/record-place.ts"
import type { Reading } from "./person-report.server.ts"
import { type Cell, moment, money, type ReportSection } from "./person-report.ts"

type RecordRow = {
  kind: RecordKind
  record_key: string
  parent_key: string | null
  shopper_id: string | null
  version_at: Date
  deleted: boolean
  fields: unknown
  sealed: Buffer | null
}

const personal = z.record(z.string(), z.unknown())

export async function readPersonRecords(reading: Reading): Promise<ReportSection[]> {
  const records = await readRecords(reading)
  const titles = await productTitles(reading)
  const of = (kind: RecordKind) => records.filter((record) => record.kind === kind)
  return [
    customerSection(reading, records),
    await consentSection(reading),
    orderSection(reading, of("order"), titles),
    refundSection(reading, of("refund")),
    deliverySection(reading, of("fulfilment")),
    basketSection(reading, [...of("checkout"), ...of("cart")], titles),
  ]
}

/** Refunds and deliveries go with their order; a basket by its token, which the order or checkout has. */
async function readRecords({ client, shopId, shopperIds }: Reading): Promise<RecordRow[]> {
  const { rows } = await client.query<RecordRow>(
    `WITH own AS (
       SELECT * FROM shop_records WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])
     ), related AS (
       SELECT r.* FROM shop_records r JOIN own ON own.kind = 'order' AND r.parent_key = own.record_key
       WHERE r.shop_id = $1 AND r.kind IN ('refund', 'fulfilment')
       UNION
       SELECT r.* FROM shop_records r JOIN own ON r.record_key IN (own.fields->>'cartToken', own.fields->>'checkoutToken')
       WHERE r.shop_id = $1 AND r.kind IN ('cart', 'checkout')
     )
     SELECT kind, record_key, parent_key, shopper_id, version_at, deleted, fields, sealed
     FROM (SELECT * FROM own UNION SELECT * FROM related) all_of_them ORDER BY kind, version_at, record_key`,
    [shopId, shopperIds],
  )
  return rows
}

async function productTitles({ client, shopId }: Reading): Promise<Map<string, string>> {
  const { rows } = await client.query<{ external_id: string; title: string }>(
    "SELECT external_id, title FROM products WHERE shop_id = $1",
    [shopId],
  )
  return new Map(rows.map((row) => [row.external_id, row.title]))
}

const RECORD_WORDS: Partial<Record<RecordKind, string>> = {
  customer: "Customer",
  order: "Order",
  checkout: "Checkout",
  cart: "Cart",
}

const FIELD_WORDS: Record<keyof PersonalFields, string> = {
  email: "E-mail address",
  phone: "Telephone number",
  firstName: "First name",
  lastName: "Last name",
}

function customerSection(reading: Reading, records: readonly RecordRow[]): ReportSection {
  const rows: Cell[][] = []
  for (const record of records) {
    const source = RECORD_WORDS[record.kind] ?? record.kind
    for (const [name, value] of Object.entries(personalFields(reading, record)))
      if (value !== null) rows.push([source, FIELD_WORDS[name as keyof PersonalFields] ?? name, plain(value)])
    if (record.kind !== "customer") continue
    const fields = record.fields as Partial<RecordFields["customer"]>
    if (fields.createdAtMs !== undefined) rows.push([source, "Customer since", moment(fields.createdAtMs)])
    if (fields.account !== undefined) rows.push([source, "Has an account", fields.account ? "yes" : "no"])
    if (fields.country) rows.push([source, "Country", fields.country])
    if (fields.locale) rows.push([source, "Language", fields.locale])
  }
  return {
    title: "Your details",
    origin:
      "The shop's customer and order records in Shopify. Held sealed, to recognise you and to write to you.",
    kept: reading.kept("customers"),
    columns: ["Source", "Detail", "Value"],
    rows,
  }
}

function personalFields({ shopId, opened }: Reading, record: RecordRow): Record<string, unknown> {
  if (!record.shopper_id) return {}
  const place = recordPlace(shopId, record.shopper_id, record.kind, record.record_key)
  const text = opened(record.shopper_id, record.sealed, place)
  return text === null ? {} : personal.parse(JSON.parse(text))
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value))

async function consentSection({ client, shopId, shopperIds, kept }: Reading): Promise<ReportSection> {
  const { rows } = await client.query<{
    purpose: string
    granted: boolean
    version_at: Date
    source: string
  }>(
    `SELECT purpose, granted, version_at, source FROM consents
     WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) ORDER BY version_at, purpose`,
    [shopId, shopperIds],
  )
  const purposes: Record<string, string> = {
    email: "Marketing by e-mail",
    sms: "Marketing by text message",
    analytics: "Being recognised on the storefront",
  }
  return {
    title: "What you allowed",
    origin: "What you said to the shop or on its storefront. Asked before each mail and each capture.",
    kept: kept("customers"),
    columns: ["Purpose", "Allowed", "Since", "Told by"],
    rows: rows.map((row) => [
      purposes[row.purpose] ?? row.purpose,
      row.granted ? "yes" : "no",
      moment(row.version_at),
      row.source,
    ]),
  }
}

function orderSection(
  { kept }: Reading,
  records: readonly RecordRow[],
  titles: ReadonlyMap<string, string>,
): ReportSection {
  return {
    title: "Your orders",
    origin: "The shop's orders in Shopify. They show what you like, and what a recommendation led to.",
    kept: kept("orders"),
    columns: ["Order", "Placed", "Total", "Payment", "Delivery", "Products"],
    rows: records.map(({ record_key, fields, deleted }) => {
      const order = fields as Partial<RecordFields["order"]>
      const status = [
        order.financialStatus,
        order.cancelledAtMs ? "cancelled" : null,
        deleted ? "deleted" : null,
      ]
      return [
        record_key,
        order.createdAtMs === undefined ? null : moment(order.createdAtMs),
        money(order.totalCents ?? null, order.currency ?? null),
        status.filter(Boolean).join(", "),
        order.fulfilmentStatus ?? null,
        lineWords(order.lines, titles),
      ]
    }),
  }
}

function lineWords(
  lines: readonly { productId: string | null; quantity: number }[] | undefined,
  titles: ReadonlyMap<string, string>,
): string {
  return (lines ?? [])
    .map(
      ({ productId, quantity }) =>
        `${quantity} × ${productId === null ? "(no product)" : (titles.get(productId) ?? productId)}`,
    )
    .join("; ")
}

function refundSection({ kept }: Reading, records: readonly RecordRow[]): ReportSection {
  return {
    title: "Your refunds",
    origin: "The shop's refunds in Shopify.",
    kept: kept("orders"),
    columns: ["Order", "When", "Amount (in the order's currency)"],
    rows: records.map(({ parent_key, fields }) => {
      const refund = fields as Partial<RecordFields["refund"]>
      return [
        parent_key,
        refund.createdAtMs === undefined ? null : moment(refund.createdAtMs),
        money(refund.totalCents ?? null, null),
      ]
    }),
  }
}

function deliverySection({ kept }: Reading, records: readonly RecordRow[]): ReportSection {
  return {
    title: "Your deliveries",
    origin: "The shop's fulfilments in Shopify.",
    kept: kept("orders"),
    columns: ["Order", "When", "State"],
    rows: records.map(({ parent_key, fields }) => {
      const delivery = fields as Partial<RecordFields["fulfilment"]>
      return [
        parent_key,
        delivery.createdAtMs === undefined ? null : moment(delivery.createdAtMs),
        [delivery.status, delivery.shipmentStatus].filter(Boolean).join(", "),
      ]
    }),
  }
}

function basketSection(
  { kept }: Reading,
  records: readonly RecordRow[],
  titles: ReadonlyMap<string, string>,
): ReportSection {
  return {
    title: "Your carts and checkouts",
    origin: "The shop's carts and checkouts in Shopify.",
    kept: kept("baskets"),
    columns: ["Kind", "Last changed", "Products"],
    rows: records.map(({ kind, version_at, fields }) => [
      RECORD_WORDS[kind] ?? kind,
      moment(version_at),
      lineWords((fields as Partial<RecordFields["cart"]>).lines, titles),
    ]),
  }
}
