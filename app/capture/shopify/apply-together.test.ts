import { expect, test } from "vitest"
import { testDatabase } from "../../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../../db.server.ts"
import { erasedMark } from "../../shop/erased-names.server.ts"
import { blindIndex, type ShopKeys, shopKeys } from "../../shop/keys.server.ts"
import { applyChanges } from "./apply-changes.server.ts"
import type { RecordChange } from "./record.ts"

testDatabase()

const NOW = Date.UTC(2026, 9, 1, 12)

async function newShop(domain: string): Promise<{ shopId: number; keys: ShopKeys }> {
  const shopId = await ensureShop(domain)
  return { shopId, keys: await shopKeys(shopId) }
}

const apply = (shopId: number, keys: ShopKeys, changes: RecordChange[]) =>
  withShopSql(shopId, (client) =>
    applyChanges(client, shopId, keys, changes, { receivedAt: new Date(NOW + 3_600_000), source: "webhook" }),
  )

const query = (shopId: number, sql: string) =>
  withShopSql(shopId, async (client) => (await client.query(sql)).rows)

const guestOrder = (id: number, email: string, createdAtMs = NOW): RecordChange => ({
  kind: "order",
  id: String(id),
  customerId: null,
  versionMs: NOW + 60_000 + id,
  fields: {
    createdAtMs,
    currency: "EUR",
    test: false,
    cancelledAtMs: null,
    cartToken: `cart-${id}`,
    lines: [
      {
        id: `${id}1`,
        productId: String(500 + (id % 3)),
        variantId: null,
        quantity: 1,
        currentQuantity: 1,
        priceCents: 1_000,
        discountCents: 0,
      },
    ],
  },
  personal: { email, phone: null },
})

const customer = (id: number, email: string): RecordChange => ({
  kind: "customer",
  id: String(id),
  customerId: String(id),
  versionMs: NOW + 60_000,
  fields: { createdAtMs: NOW, account: true },
  personal: { email },
})

test("workers that bring halves of the same people at once make whole people, each once", async () => {
  const { shopId, keys } = await newShop("together.myshopify.com")
  const changes = Array.from({ length: 12 }, (_, n) => [
    guestOrder(n, `person-${n % 4}@example.com`),
    customer(n % 4, `person-${n % 4}@example.com`),
  ]).flat()
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (worker) => {
      const own = worker % 2 ? changes : [...changes].reverse()
      for (let from = worker; from < own.length; from += 6)
        await apply(shopId, keys, own.slice(from, from + 4))
    }),
  )
  expect(
    await query(
      shopId,
      `SELECT coalesce(s.merged_into, s.shopper_id) IN (
         SELECT shopper_id FROM shopper_identities WHERE kind = 'customer') AS customer, e.type, count(*)::int
       FROM events e JOIN shoppers s USING (shopper_id) GROUP BY 1, 2 ORDER BY 2`,
    ),
  ).toEqual([
    { customer: true, type: 1, count: 4 },
    { customer: true, type: 17, count: 12 },
  ])
  expect(
    await query(shopId, "SELECT kind, count(*)::int FROM shopper_identities GROUP BY kind ORDER BY kind"),
  ).toEqual([
    { kind: "customer", count: 4 },
    { kind: "email", count: 4 },
  ])
})

test("what is late about an erased person brings back money and nothing else", async () => {
  const { shopId, keys } = await newShop("erased.myshopify.com")
  const erase = (kind: string, name: string) =>
    withShopSql(shopId, (client) =>
      client.query("INSERT INTO vault.redactions (shop_id, kind, blind, at) VALUES ($1, 'name', $2, $3)", [
        shopId,
        erasedMark(keys, kind, blindIndex(keys, kind, name)),
        new Date(NOW + 60_000),
      ]),
    )
  await erase("customer", "7")
  await erase("email", "gone@example.com")
  await apply(shopId, keys, [
    customer(7, "gone@example.com"),
    guestOrder(1, "gone@example.com"),
    { ...guestOrder(2, "x@example.com"), customerId: "7", personal: {} },
    {
      kind: "checkout",
      id: "checkout-1",
      customerId: null,
      versionMs: NOW,
      fields: { createdAtMs: NOW, cartToken: "cart-1" },
      personal: { email: "gone@example.com" },
    },
    {
      kind: "marketing_consent",
      id: "7:email",
      customerId: "7",
      versionMs: NOW,
      fields: { channel: "email", granted: true },
    },
  ])
  // Long after, the shop tells of the order again, without a name: it stays nobody's.
  await apply(shopId, keys, [
    { ...guestOrder(1, "", NOW), versionMs: NOW + 7_200_000, personal: { email: null, phone: null } },
  ])
  expect(
    await query(
      shopId,
      "SELECT kind, record_key, shopper_id, sealed, fields ? 'cartToken' AS cart, fields ? 'customer' AS named FROM shop_records ORDER BY 2",
    ),
  ).toEqual(
    ["1", "2"].map((record_key) => ({
      kind: "order",
      record_key,
      shopper_id: null,
      sealed: null,
      cart: false,
      named: false,
    })),
  )
  for (const table of ["shoppers", "shopper_identities", "shopper_links", "events", "consents"])
    expect(await query(shopId, `SELECT shop_id FROM ${table}`), table).toEqual([])
  // Whoever orders anew after the erasure is a person again.
  await apply(shopId, keys, [guestOrder(3, "gone@example.com", NOW + 61_000)])
  expect(await query(shopId, "SELECT type FROM events")).toEqual([{ type: 17 }])
})
