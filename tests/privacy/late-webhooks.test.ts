/** Erasure through the door itself: webhooks in, an erasure, a restore of an older backup, and what comes late. */
import { randomUUID } from "node:crypto"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll, expect, test } from "vitest"
import { acceptDelivery } from "../../app/capture/inbox.server.ts"
import { findShopper } from "../../app/capture/shopper-names.server.ts"
import { processPending } from "../../app/capture/work-inbox.server.ts"
import { writeDump } from "../../app/cli/backup/write-dump.ts"
import { restore } from "../../app/cli/restore.ts"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import { settlePrivacyRequests } from "../../app/jobs/settle-privacy-requests.ts"
import { shopKeys } from "../../app/shop/keys.server.ts"
import { testDatabase } from "../support/database.ts"
import { type Person, person, privacyBody } from "./person.ts"

testDatabase()

const DOMAIN = "late.myshopify.com"
const one = person(21)
const file = join(mkdtempSync(join(tmpdir(), "throughline-late-")), "data.gz")
const HOUR = 3_600_000
let shopId: number
let erasedAtMs: number

const iso = (ms: number) => new Date(ms).toISOString()

async function webhook(topic: string, body: object | string, triggeredMs = Date.now()): Promise<void> {
  await acceptDelivery(shopId, {
    door: "webhook",
    topic,
    externalId: randomUUID(),
    triggeredAt: new Date(triggeredMs),
    apiVersion: "2026-07",
    body: typeof body === "string" ? body : JSON.stringify(body),
  })
  await processPending(shopId, 100)
}

const customer = ({ customerId, email, firstName, lastName, phone }: Person, atMs: number) => ({
  id: Number(customerId),
  email,
  phone,
  first_name: firstName,
  last_name: lastName,
  state: "enabled",
  created_at: iso(atMs - HOUR),
  updated_at: iso(atMs),
})

const order = ({ customerId, email }: Person, id: number, createdMs: number, updatedMs = createdMs) => ({
  id,
  email,
  customer: { id: Number(customerId), email },
  created_at: iso(createdMs),
  processed_at: iso(createdMs),
  updated_at: iso(updatedMs),
  currency: "USD",
  total_price: "20.00",
  financial_status: "paid",
  cart_token: `cart-${id}`,
  checkout_token: `checkout-${id}`,
  test: false,
  line_items: [
    { id: id * 10, product_id: 1, variant_id: 2, quantity: 1, current_quantity: 1, price: "20.00" },
  ],
  refunds: [],
  fulfillments: [],
})

const sql = async (text: string, values: unknown[] = []) =>
  (await withShopSql(shopId, (client) => client.query(text, values))).rows
const count = async (table: string) => (await sql(`SELECT count(*)::int AS n FROM ${table}`))[0].n
const find = async (kind: "customer" | "email", name: string) => {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, (client) => findShopper(client, shopId, keys, kind, name))
}
const orderRow = async (id: number) =>
  (
    await sql(
      "SELECT shopper_id, sealed, fields FROM shop_records WHERE kind = 'order' AND record_key = $1",
      [`${id}`],
    )
  )[0]

beforeAll(async () => {
  shopId = await ensureShop(DOMAIN)
  const nowMs = Date.now()
  await webhook("customers/create", customer(one, nowMs - 5 * HOUR), nowMs - 5 * HOUR)
  await webhook("carts/create", {
    id: "cart-501",
    token: "cart-501",
    line_items: [],
    updated_at: iso(nowMs - 4 * HOUR),
  })
  await webhook("orders/create", order(one, 501, nowMs - 4 * HOUR), nowMs - 4 * HOUR)
  await webhook("customers_email_marketing_consent/update", {
    customer_id: Number(one.customerId),
    email_address: one.email,
    email_marketing_consent: { state: "subscribed", consent_updated_at: iso(nowMs - 4 * HOUR) },
  })
})

test("the person whom the webhooks tell of is found, with their order and its purchase", async () => {
  expect(await find("customer", one.customerId)).not.toBe(null)
  expect((await orderRow(501)).shopper_id).not.toBe(null)
  expect(await count("events WHERE type = 17")).toBe(1)
  await writeDump(String(process.env.DATABASE_URL), file, "data")
})

test("customers/redact through the inbox erases them, and the delivery's own words are not kept", async () => {
  await webhook("customers/redact", privacyBody(DOMAIN, one, { orders_to_redact: [501] }))
  await settlePrivacyRequests(shopId, new Date(), async () => true)
  erasedAtMs = Date.now()
  expect(await find("customer", one.customerId)).toBe(null)
  expect(await find("email", one.email)).toBe(null)
  for (const table of ["shoppers", "events", "consents", "sessions", "vault.shopper_keys"])
    expect(await count(table)).toBe(0)
  expect(
    await sql(
      "SELECT kind FROM shop_records WHERE kind IN ('customer', 'marketing_consent', 'cart', 'checkout')",
    ),
  ).toEqual([])
  expect(await sql("SELECT state FROM inbox WHERE body IS NOT NULL")).toEqual([])
})

async function sendLateOnes(): Promise<void> {
  await webhook("customers/update", customer(one, erasedAtMs - HOUR), erasedAtMs - HOUR)
  await webhook("orders/updated", order(one, 501, erasedAtMs - 4 * HOUR, Date.now()))
  await webhook("orders/create", order(one, 502, erasedAtMs - 2 * HOUR), erasedAtMs - 2 * HOUR)
  await webhook(
    "carts/update",
    { id: "cart-501", token: "cart-501", line_items: [], updated_at: iso(erasedAtMs - HOUR) },
    erasedAtMs - HOUR,
  )
  await webhook(
    "customers_email_marketing_consent/update",
    {
      customer_id: Number(one.customerId),
      email_address: one.email,
      email_marketing_consent: { state: "subscribed", consent_updated_at: iso(erasedAtMs - HOUR) },
    },
    erasedAtMs - HOUR,
  )
}

async function expectNobody(): Promise<void> {
  expect(await find("customer", one.customerId)).toBe(null)
  expect(await find("email", one.email)).toBe(null)
  for (const table of ["shoppers", "events", "consents", "vault.shopper_keys"])
    expect(await count(table)).toBe(0)
  for (const id of [501, 502]) {
    const { shopper_id, sealed, fields } = await orderRow(id)
    expect({ shopper_id, sealed }).toEqual({ shopper_id: null, sealed: null })
    expect(fields.totalCents).toBe(2_000)
    for (const leading of ["customer", "cartToken", "checkoutToken"])
      expect(fields).not.toHaveProperty(leading)
  }
}

test("what comes late, with a time before the erasure, brings nobody back; an order's money counts", async () => {
  await sendLateOnes()
  await expectNobody()
})

test("after a restore of the older backup it is the same, and late messages still bring nobody back", async () => {
  const { people } = await restore(String(process.env.DATABASE_OWNER_URL), file, { replace: true })
  expect(people).toBeGreaterThan(0)
  expect(await count("shoppers")).toBe(0)
  await sendLateOnes()
  await expectNobody()
})

test("somebody who orders again after the erasure is a new person, with the new order alone", async () => {
  const nowMs = Date.now() + 1_000
  await webhook("orders/create", order(one, 503, nowMs), nowMs)
  const person = await find("customer", one.customerId)
  expect(person).not.toBe(null)
  expect((await orderRow(503)).shopper_id).toBe(String(person))
  expect((await orderRow(501)).shopper_id).toBe(null)
  expect(await count("events WHERE type = 17")).toBe(1)
})
