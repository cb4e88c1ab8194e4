import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import express from "express"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type CanonicalShopState, canonicalShopState } from "../../../tests/support/canonical-shop-state.ts"
import { testDatabase } from "../../../tests/support/database.ts"
import { type MountedAdmin, mountAdmin } from "../../../tests/support/shop/admin/mount-admin.ts"
import { makeSessionToken } from "../../../tests/support/shop/admin/session-token.ts"
import { webhookRequest } from "../../../tests/support/shop/sign-webhook.ts"
import { totalCents } from "../../../tests/support/shop/state/order-sums.ts"
import { makeShopState, type ShopState } from "../../../tests/support/shop/state.ts"
import { payloadOf } from "../../../tests/support/shop/webhooks/message-of-change.ts"
import { knock } from "../../../tests/support/webhook-door.ts"
import { withShopSql } from "../../db.server.ts"
import { runFetchWanted } from "../../jobs/fetch-wanted.ts"
import { runImportHistory } from "../../jobs/import-history.ts"
import { closeQueue } from "../../jobs/open-queue.server.ts"
import { reconcileShop } from "../../jobs/reconcile.ts"
import { shopAdmin } from "../../jobs/shop-admin.server.ts"
import { shopKeys } from "../../shop/keys.server.ts"
import { HISTORY_KINDS } from "../../shop/request-history.server.ts"
import { authenticateAdmin } from "../../shopify.server.ts"
import { applyChanges } from "../shopify/apply-changes.server.ts"
import { changesOfWebhook } from "../shopify/changes-of-webhook.ts"
import type { RecordChange } from "../shopify/record.ts"
import { importHistory } from "./import-history.server.ts"

testDatabase()

const SCOPES = ["write_products", "read_inventory", "read_orders", "read_fulfillments", "read_customers"]
const DAY_MS = 86_400_000

let state: ShopState
let admin: MountedAdmin
let listening: Server
let current = express()
let shops = 0

beforeAll(async () => {
  const server = express()
  // A shop for each test, at one address.
  server.use((request, response, next) => current(request, response, next))
  listening = await new Promise((done) => {
    const opened = server.listen(0, "127.0.0.1", () => done(opened))
  })
  process.env.SIMULATED_SHOP_URL = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
})
afterAll(async () => {
  listening.close()
  listening.closeAllConnections()
  await closeQueue()
})

beforeEach(() => {
  const domain = `history-${++shops}.myshopify.com`
  state = makeShopState({ domain, apiKey: "test-api-key", apiSecret: "test-api-secret" })
  current = express()
  admin = mountAdmin(current, state, { cost: { restoreRate: 100_000 } })
})

/** A merchant opens the app for the first time. */
async function install(scopes = SCOPES): Promise<number> {
  state.install(scopes)
  const { domain } = state.store.shop
  const query = new URLSearchParams({
    embedded: "1",
    shop: domain,
    host: Buffer.from("admin.shopify.com/store/history").toString("base64url"),
    id_token: makeSessionToken(state, Date.now()),
  })
  const headers = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0 Safari/537.36" }
  return (await authenticateAdmin(new Request(`https://app.test/app?${query}`, { headers }))).shopId
}

/** A small shop with everything that a history may hold. */
function fillShop(orders = 24): void {
  const products = Array.from({ length: 6 }, (_, n) =>
    state.createProduct({
      title: `Jug ${n}`,
      descriptionHtml: `<p>Holds <b>${n + 1}</b> litres &amp; more</p>`,
      vendor: "Kiln",
      productType: "Jugs",
      variants: [{ priceCents: 1_000 + n * 250, available: 500, tracked: n % 2 === 0 }, { priceCents: 900 }],
    }),
  )
  state.createCollection({ title: "All jugs", productIds: products.map(({ id }) => id) })
  const customers = Array.from({ length: 5 }, (_, n) =>
    state.createCustomer({
      email: `buyer${n}@example.com`,
      firstName: "Ada",
      lastName: `Number ${n}`,
      country: "GB",
      state: n === 0 ? "enabled" : "disabled",
    }),
  )
  for (const [n, { id }] of customers.entries())
    state.setConsent(id, "email", n % 2 === 0 ? "subscribed" : "unsubscribed")
  for (let n = 0; n < orders; n++) {
    const lines = [n, n + 1].map((one) => ({
      variantId: products[one % products.length]?.variants[0]?.id ?? "",
      quantity: 1 + (n % 3),
    }))
    const buyer =
      n % 4 === 3 ? { email: `guest${n}@example.com` } : { customerId: customers[n % 5]?.id ?? "" }
    const order = state.placeOrder(
      { lines, ...buyer },
      { atMs: Date.now() - ((n + 1) * 50 * DAY_MS) / orders, fromStock: false },
    )
    if (n % 6 === 1)
      state.refundOrder(order.id, { lines: [{ lineId: order.lines[0]?.id ?? "", quantity: 1 }] })
    if (n % 6 === 2) state.fulfilOrder(order.id)
    if (n % 8 === 4) state.cancelOrder(order.id)
  }
}

/** The merchant takes the app out, and Shopify tells. */
async function uninstall(): Promise<void> {
  const { domain } = state.store.shop
  state.uninstall()
  await knock(
    webhookRequest({
      url: "https://app.test/webhooks",
      topic: "app/uninstalled",
      shop: domain,
      body: JSON.stringify({ myshopify_domain: domain }),
      secret: "test-api-secret",
    }),
  )
}

async function importAll(shopId: number): Promise<void> {
  while ((await runImportHistory(shopId)) === "again");
  while ((await runFetchWanted(shopId)) === "again");
}

type Run = {
  kind: string
  state: string
  message: string | null
  rows_read: string
  rows_expected: string | null
  restarts: number
}

/** Those of this installation, in the order of their work. */
const runsOf = (shopId: number) =>
  withShopSql(shopId, async (client) => {
    const { rows } = await client.query<Run>(
      `SELECT kind, r.state, message, rows_read, rows_expected, restarts
       FROM import_runs r JOIN shops s USING (shop_id) WHERE r.started_at >= s.installed_at
       ORDER BY array_position($1, kind)`,
      [[...HISTORY_KINDS]],
    )
    return rows
  })

const orderRecords = (shopId: number) =>
  withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ id: string; total: string; status: string; person: boolean }>(
      `SELECT record_key AS id, fields->>'totalCents' AS total, fields->>'financialStatus' AS status,
         shopper_id IS NOT NULL AS person
       FROM shop_records WHERE kind = 'order' AND NOT deleted ORDER BY record_key`,
    )
    return rows
  })

const soldAndReturned = (shopId: number) =>
  withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ type: number; units: number }>(
      "SELECT type, sum(quantity)::int AS units FROM events WHERE type IN (17, 18) GROUP BY type ORDER BY type",
    )
    return rows.map(({ units }) => units)
  })

const expectedOrders = () =>
  [...state.store.orders.values()]
    .map((order) => ({
      id: order.id,
      total: String(totalCents(order)),
      status: order.financialStatus,
      person: true,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

function expectedUnits(): [number, number] {
  let sold = 0
  let returned = 0
  for (const order of state.store.orders.values()) {
    const ordered = order.lines.reduce((sum, line) => sum + line.quantity, 0)
    const refunded = order.refunds.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.quantity, 0)
    sold += ordered
    returned += order.cancelledAtMs === null ? refunded : ordered
  }
  return [sold, returned]
}

test("after an installation the shop's past is there, kind by kind", async () => {
  fillShop()
  const shopId = await install()
  await importAll(shopId)
  const runs = await runsOf(shopId)
  expect(runs.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    "history_products done",
    "history_inventory done",
    "history_collections done",
    "history_customers done",
    "history_orders done",
  ])
  for (const { rows_read, rows_expected } of runs) expect(rows_read).toBe(rows_expected)
  expect(await orderRecords(shopId)).toEqual(expectedOrders())
  expect(await soldAndReturned(shopId)).toEqual(expectedUnits())
  const { products, shop, consents } = await canonicalShopState(shopId)
  expect(products).toHaveLength(6)
  expect(products.join()).toContain("Holds 1 litres & more")
  expect(shop.join()).toContain("GBP")
  expect(consents).toHaveLength(5)
})

test("history and webhooks tell the same: what came by the one, the other does not change", async () => {
  fillShop()
  const shopId = await install()
  await importAll(shopId)
  const before = await canonicalShopState(shopId)
  const atMs = Date.now() + 2_000
  const changes: RecordChange[] = []
  const tell = (change: Parameters<typeof payloadOf>[1]) => {
    const told = changesOfWebhook(
      change.topic as "orders/updated",
      JSON.stringify(payloadOf(state.store, change)),
      atMs,
      "2026-07",
    )
    if (typeof told === "string") throw new Error(`${change.topic}: ${told}`)
    changes.push(...told)
  }
  for (const product of state.store.products.values()) tell({ topic: "products/update", product, atMs })
  for (const collection of state.store.collections.values())
    tell({ topic: "collections/update", collection, atMs })
  for (const customer of state.store.customers.values()) {
    tell({ topic: "customers/update", customer, atMs })
    tell({ topic: "customers_email_marketing_consent/update", customer, atMs })
  }
  for (const order of state.store.orders.values()) tell({ topic: "orders/updated", order, atMs })
  const keys = await shopKeys(shopId)
  await withShopSql(shopId, (client) =>
    applyChanges(client, shopId, keys, changes, { receivedAt: new Date(), source: "webhook" }),
  )
  const after = await canonicalShopState(shopId)
  for (const part of [
    "shop",
    "products",
    "events",
    "consents",
    "people",
  ] as const satisfies (keyof CanonicalShopState)[])
    expect(inWholeSeconds(after[part]), part).toEqual(inWholeSeconds(before[part]))
})

/** A webhook knows better when within a second something was so; what was so is the same. */
const inWholeSeconds = (lines: readonly string[]) => lines.map((line) => line.replace(/(:\d\d)\.\d+/g, "$1"))

test("a worker that stops after any batch is followed by one that goes on: nothing is lost or doubled", async () => {
  fillShop(900)
  const shopId = await install()
  const client = await shopAdmin(shopId)
  if (!client) throw new Error("no token")
  let stops = 0
  for (let step = ""; step !== "done"; stops++) {
    step = await importHistory(shopId, client, 0)
    if (step === "waiting") await admin.bulkSettled()
  }
  while ((await runFetchWanted(shopId)) === "again");
  // Five kinds of two steps each, the end, and orders cut at least once.
  expect(stops).toBeGreaterThan(11)
  expect((await orderRecords(shopId)).length).toBe(900)
  expect(await soldAndReturned(shopId)).toEqual(expectedUnits())
  for (const { rows_read, rows_expected } of await runsOf(shopId)) expect(rows_read).toBe(rows_expected)
}, 60_000)

test("an export that Shopify ends is started again, and given up with a reason after the fourth time", async () => {
  fillShop(4)
  admin.bulk.fail.push("INTERNAL_SERVER_ERROR")
  const shopId = await install()
  await importAll(shopId)
  const [products] = await runsOf(shopId)
  expect(products).toMatchObject({ state: "done", restarts: 1 })
  admin.bulk.fail.push("TIMEOUT", "TIMEOUT", "TIMEOUT", "TIMEOUT")
  await uninstall()
  await install()
  await importAll(shopId)
  const [failed, ...others] = await runsOf(shopId)
  expect(failed).toMatchObject({ kind: "history_products", state: "failed" })
  expect(failed?.message).toContain("TIMEOUT")
  expect(others.map((run) => run.state)).toEqual(["done", "done", "done", "done"])
})

test("without approval for names and addresses the rest is read, and the run says so", async () => {
  fillShop()
  state.grantProtectedData(["customer"])
  const shopId = await install()
  await importAll(shopId)
  const orders = (await runsOf(shopId)).find(({ kind }) => kind === "history_orders")
  expect(orders).toMatchObject({ state: "done" })
  expect(orders?.message).toContain("without names")
  expect(await soldAndReturned(shopId)).toEqual(expectedUnits())
})

test("orders older than 60 days come where the merchant allows it, also later", async () => {
  fillShop(4)
  const [product] = state.store.products.values()
  const variantId = product?.variants[0]?.id ?? ""
  state.placeOrder(
    { lines: [{ variantId, quantity: 1 }], email: "old@example.com" },
    { atMs: Date.now() - 200 * DAY_MS, fromStock: false },
  )
  const shopId = await install()
  await importAll(shopId)
  expect(await orderRecords(shopId)).toHaveLength(4)
  await uninstall()
  await install([...SCOPES, "read_all_orders"])
  await importAll(shopId)
  expect(await orderRecords(shopId)).toHaveLength(5)
  expect((await runsOf(shopId)).at(-1)).toMatchObject({ kind: "history_all_orders", state: "done" })
})

test("a shop is asked for its past once, however many open the app", async () => {
  fillShop(4)
  const shopId = await install()
  await Promise.all([install(), install()])
  expect(await runsOf(shopId)).toHaveLength(5)
})

describe("reconciliation", () => {
  test("finds and mends what no webhook told", async () => {
    fillShop()
    const shopId = await install()
    await importAll(shopId)
    await soon()
    const [first, second, third] = [...state.store.orders.values()].filter(
      ({ cancelledAtMs, refunds }) => cancelledAtMs === null && refunds.length === 0,
    )
    const [mug] = state.store.products.values()
    const variant = mug?.variants[0]
    state.updateProduct(mug?.id ?? "", { title: "Jug, renamed" })
    state.setInventory(variant?.inventoryItemId ?? "", [...state.store.locations.keys()][0] ?? "", 3)
    state.refundOrder(first?.id ?? "", { lines: [{ lineId: first?.lines[0]?.id ?? "", quantity: 1 }] })
    state.cancelOrder(second?.id ?? "")
    state.fulfilOrder(third?.id ?? "")
    state.placeOrder({ lines: [{ variantId: variant?.id ?? "", quantity: 2 }], email: "new@example.com" })
    const [subscriber] = [...state.store.customers.values()].filter(
      (one) => one.emailConsent.state === "subscribed",
    )
    state.setConsent(subscriber?.id ?? "", "email", "unsubscribed")
    const gone = state.createProduct({ title: "Never told", variants: [{ priceCents: 100 }] })
    await reconcileShop(shopId)
    while ((await runFetchWanted(shopId)) === "again");
    expect(await orderRecords(shopId)).toEqual(expectedOrders())
    expect(await soldAndReturned(shopId)).toEqual(expectedUnits())
    const run = await lastReconcile(shopId)
    expect(run.state).toBe("done")
    expect(run.counts.order).toMatchObject({ checked: 25, missing: 1, gone: 0 })
    expect(run.counts.order?.stale).toBeGreaterThanOrEqual(3)
    expect(run.counts.product).toMatchObject({ checked: 7, missing: 1 })
    const { products, consents } = await canonicalShopState(shopId)
    expect(products.join()).toContain("Jug, renamed")
    expect(consents.filter((line) => line.includes("false"))).toHaveLength(3)

    await soon()
    state.deleteProduct(gone.id)
    await reconcileShop(shopId)
    expect((await lastReconcile(shopId)).counts.product).toMatchObject({ checked: 6, missing: 0, gone: 1 })
    const shown = await canonicalShopState(shopId)
    expect(shown.products.find((line) => line.includes("Never told"))).toMatch(/false\]$/)
  })

  test("of a shop that agrees it changes nothing", async () => {
    fillShop()
    const shopId = await install()
    await importAll(shopId)
    const before = await canonicalShopState(shopId)
    await reconcileShop(shopId)
    const { counts } = await lastReconcile(shopId)
    for (const [kind, found] of Object.entries(counts))
      expect({ kind, ...found }).toMatchObject({ missing: 0, stale: 0, gone: 0 })
    const after = await canonicalShopState(shopId)
    expect(after.events).toEqual(before.events)
    expect(after.products).toEqual(before.products)
  })
})

type Found = { checked: number; missing: number; stale: number; gone: number }

async function lastReconcile(shopId: number) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ state: string; counts: Record<string, Found> }>(
      "SELECT state, counts FROM reconcile_runs ORDER BY started_at DESC LIMIT 1",
    ),
  )
  const [run] = rows
  if (!run) throw new Error("no run")
  return run
}

/** Shopify's `updatedAt` has whole seconds: what happens in the next one is told apart from what was read in this. */
const soon = () => new Promise((done) => setTimeout(done, 1_100))
