import { expect, test } from "vitest"
import { testDatabase } from "../../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../../db.server.ts"
import { updateJourneys } from "../../journey/update-journeys.server.ts"
import { type ShopKeys, shopKeys } from "../../shop/keys.server.ts"
import { EVENT_TYPE_CODES } from "../event.ts"
import { acceptDelivery } from "../inbox.server.ts"
import { findShopper } from "../shopper-names.server.ts"
import { processDelivery } from "../work-inbox.server.ts"
import { applyChanges } from "./apply-changes.server.ts"
import type { RecordChange } from "./record.ts"

testDatabase()

let shops = 0
type TestShop = { shopId: number; keys: ShopKeys }
async function newShop(): Promise<TestShop> {
  const shopId = await ensureShop(`records-${++shops}.myshopify.com`)
  return { shopId, keys: await shopKeys(shopId) }
}

const NOW = Date.UTC(2026, 9, 1, 12)
const MINUTE = 60_000

const apply = ({ shopId, keys }: TestShop, ...changes: RecordChange[]) =>
  withShopSql(shopId, (client) =>
    applyChanges(client, shopId, keys, changes, {
      receivedAt: new Date(NOW + 60 * MINUTE),
      source: "webhook",
    }),
  )

const query = ({ shopId }: TestShop, sql: string, values: unknown[] = []) =>
  withShopSql(shopId, async (client) => (await client.query(sql, values)).rows)

const shopperOf = (
  { shopId, keys }: TestShop,
  kind: "customer" | "email" | "order" | "checkout",
  name: string,
) => withShopSql(shopId, (client) => findShopper(client, shopId, keys, kind, name))

const CODES = new Map<number, string>(Object.entries(EVENT_TYPE_CODES).map(([type, code]) => [code, type]))

/** Events as "type quantity×item@cents", with the person whose they are. */
async function events(shop: TestShop) {
  const rows = await query(
    shop,
    `SELECT e.type, e.quantity, p.external_id, e.price_cents, e.order_ref,
       coalesce(s.merged_into, s.shopper_id) AS person
     FROM events e JOIN shoppers s USING (shop_id, shopper_id) LEFT JOIN products p USING (shop_id, product_id)
     ORDER BY e.at, e.type, p.external_id, e.event_key`,
  )
  return rows.map(({ type, quantity, external_id, price_cents, person }) => ({
    what:
      quantity === null ? CODES.get(type) : `${CODES.get(type)} ${quantity}×${external_id}@${price_cents}`,
    person: BigInt(person),
  }))
}
const whats = async (shop: TestShop) => (await events(shop)).map(({ what }) => what)

const line = (id: string, overrides: object = {}) => ({
  id,
  productId: `${id}0`,
  variantId: `${id}00`,
  quantity: 2,
  currentQuantity: 2,
  priceCents: 1_000,
  discountCents: 0,
  ...overrides,
})

const order = (
  overrides: Partial<Extract<RecordChange, { kind: "order" }>> = {},
  fields: object = {},
): RecordChange => ({
  kind: "order",
  id: "1",
  customerId: "77",
  versionMs: NOW,
  fields: {
    createdAtMs: NOW,
    currency: "EUR",
    totalCents: 2_000,
    financialStatus: "paid",
    fulfilmentStatus: "unfulfilled",
    cancelledAtMs: null,
    test: false,
    channel: "web",
    lines: [line("1")],
    ...fields,
  },
  ...overrides,
})

const refund = (overrides: Partial<Extract<RecordChange, { kind: "refund" }>> = {}): RecordChange => ({
  kind: "refund",
  id: "9",
  parentId: "1",
  versionMs: NOW + MINUTE,
  fields: { createdAtMs: NOW + MINUTE, totalCents: 1_000, lines: [{ lineId: "1", quantity: 1 }] },
  ...overrides,
})

const customer = (
  overrides: Partial<Extract<RecordChange, { kind: "customer" }>> = {},
  email: string | null = "ada@example.com",
): RecordChange => ({
  kind: "customer",
  id: "77",
  customerId: "77",
  versionMs: NOW,
  fields: { createdAtMs: NOW - MINUTE, account: true, country: "DE", locale: null },
  personal: { email, phone: null, firstName: "Ada", lastName: "L" },
  ...overrides,
})

test("an order's lines are purchases of its customer, priced as paid", async () => {
  const shop = await newShop()
  await apply(
    shop,
    order({}, { lines: [line("1", { discountCents: 300 }), line("2", { quantity: 1, currentQuantity: 1 })] }),
  )
  const person = await shopperOf(shop, "customer", "77")
  expect(await events(shop)).toEqual([
    { what: "purchase 2×10@850", person },
    { what: "purchase 1×20@1000", person },
  ])
  expect(await query(shop, "SELECT external_id, available FROM products ORDER BY 1")).toEqual([
    { external_id: "10", available: false },
    { external_id: "20", available: false },
  ])
  expect(await query(shop, "SELECT shopper_id FROM dirty_shoppers")).toEqual([{ shopper_id: String(person) }])
})

test("a refund that comes before its order is counted when the order comes", async () => {
  const shop = await newShop()
  await apply(shop, refund())
  expect(await whats(shop)).toEqual([])
  await apply(shop, order())
  expect(await whats(shop)).toEqual(["purchase 2×10@1000", "refund 1×10@1000"])
})

test("a cancelled order gives back what no refund did, and only while it is cancelled", async () => {
  const shop = await newShop()
  await apply(shop, order(), refund())
  await apply(
    shop,
    order(
      { versionMs: NOW + 2 * MINUTE },
      { cancelledAtMs: NOW + 2 * MINUTE, lines: [line("1", { currentQuantity: 0 })] },
    ),
  )
  expect(await whats(shop)).toEqual(["purchase 2×10@1000", "refund 1×10@1000", "refund 1×10@1000"])
  await apply(shop, order({ versionMs: NOW + 3 * MINUTE }))
  expect(await whats(shop)).toEqual(["purchase 2×10@1000", "refund 1×10@1000"])
})

test("what an edit takes away was not bought, and what it adds was", async () => {
  const shop = await newShop()
  await apply(shop, order())
  await apply(
    shop,
    order(
      { versionMs: NOW + MINUTE },
      { lines: [line("1", { currentQuantity: 1 }), line("2", { quantity: 1, currentQuantity: 1 })] },
    ),
  )
  expect(await whats(shop)).toEqual(["purchase 1×10@1000", "purchase 1×20@1000"])
})

test("a test order, and one that is deleted, give no events", async () => {
  const shop = await newShop()
  await apply(shop, order({ id: "2" }, { test: true }), order())
  expect(await whats(shop)).toHaveLength(1)
  await apply(shop, { kind: "order", id: "1", versionMs: NOW + MINUTE, deleted: true, fields: {} })
  await apply(shop, order({ versionMs: NOW + 2 * MINUTE }))
  expect(await whats(shop)).toEqual([])
})

test("a guest is the customer who has their e-mail address, whichever comes first", async () => {
  for (const first of ["order", "customer"]) {
    const shop = await newShop()
    const guest = order({ customerId: null, personal: { email: "ada@example.com", phone: null } })
    for (const change of first === "order" ? [guest, customer()] : [customer(), guest])
      await apply(shop, change)
    const person = await shopperOf(shop, "customer", "77")
    expect(await shopperOf(shop, "email", "ada@example.com")).toBe(person)
    expect(await events(shop)).toEqual([
      { what: "register", person },
      { what: "purchase 2×10@1000", person },
    ])
  }
})

test("an address that the customer gave up leads to whoever has it now, or to nobody", async () => {
  const shop = await newShop()
  await apply(shop, order({ customerId: null, personal: { email: "ada@example.com" } }), customer())
  await apply(shop, customer({ versionMs: NOW + MINUTE }, "new@example.com"))
  const guest = await shopperOf(shop, "email", "ada@example.com")
  expect(guest).not.toBe(await shopperOf(shop, "customer", "77"))
  await apply(shop, customer({ id: "78", customerId: "78", versionMs: NOW + 2 * MINUTE }))
  expect(await shopperOf(shop, "email", "ada@example.com")).toBe(await shopperOf(shop, "customer", "78"))
})

test("an order that turns out to be a customer's leaves nothing of the guest behind", async () => {
  const shop = await newShop()
  await apply(shop, order({ customerId: null, personal: { email: "x@example.com", phone: "+49 1" } }))
  await apply(shop, order({ versionMs: NOW + MINUTE, personal: { email: "x@example.com" } }))
  expect(await shopperOf(shop, "email", "x@example.com")).toBeNull()
  const person = await shopperOf(shop, "customer", "77")
  expect(await events(shop)).toEqual([{ what: "purchase 2×10@1000", person }])
  expect(await query(shop, "SELECT shopper_id FROM shoppers")).toEqual([{ shopper_id: String(person) }])
  expect(await query(shop, "SELECT sealed FROM shop_records WHERE kind = 'order'")).toEqual([
    { sealed: null },
  ])
})

test("what names a person lies sealed, and nothing of it elsewhere", async () => {
  const shop = await newShop()
  await apply(
    shop,
    customer(),
    order({ id: "2", customerId: null, personal: { email: "guest@example.com" } }),
  )
  const rows = await query(
    shop,
    `SELECT row_to_json(r)::text AS text, r.sealed FROM shop_records r
     UNION ALL SELECT row_to_json(i)::text, i.sealed FROM shopper_identities i`,
  )
  const text = rows.map((row) => row.text + (row.sealed?.toString("latin1") ?? "")).join("\n")
  for (const secret of ["ada@example.com", "guest@example.com", "Ada", "77"])
    expect(text.includes(`"${secret}"`)).toBe(false)
  expect(rows.filter((row) => row.sealed !== null)).not.toHaveLength(0)
})

test("a partial message leaves the fields that it does not name, sealed ones too", async () => {
  const shop = await newShop()
  await apply(shop, customer())
  const partial: RecordChange = {
    kind: "customer",
    id: "77",
    customerId: "77",
    versionMs: NOW + MINUTE,
    fields: { country: "FR" },
    personal: { lastName: "Lovelace" },
  }
  await apply(shop, partial)
  await apply(shop, order({ customerId: null, personal: { email: "ada@example.com" } }))
  expect(
    await query(shop, "SELECT fields, field_versions FROM shop_records WHERE kind = 'customer'"),
  ).toEqual([
    {
      fields: { account: true, country: "FR", createdAtMs: NOW - MINUTE, locale: null },
      field_versions: {
        "@email": NOW,
        "@firstName": NOW,
        "@phone": NOW,
        account: NOW,
        createdAtMs: NOW,
        locale: NOW,
      },
    },
  ])
  expect(await shopperOf(shop, "email", "ada@example.com")).toBe(await shopperOf(shop, "customer", "77"))
})

test("a deleted customer is nobody: consents go, an unfinished checkout stands for itself, the name is gone", async () => {
  const shop = await newShop()
  const consent: RecordChange = {
    kind: "marketing_consent",
    id: "77:email",
    customerId: "77",
    versionMs: NOW,
    fields: { channel: "email", granted: true },
  }
  const checkout: RecordChange = {
    kind: "checkout",
    id: "token-1",
    customerId: "77",
    versionMs: NOW,
    fields: { createdAtMs: NOW, contact: true },
  }
  await apply(shop, customer(), consent, checkout)
  expect(await query(shop, "SELECT purpose, granted FROM consents")).toEqual([
    { purpose: "email", granted: true },
  ])
  await apply(shop, {
    kind: "customer",
    id: "77",
    customerId: "77",
    versionMs: NOW + MINUTE,
    deleted: true,
    fields: {},
  })
  expect(await query(shop, "SELECT purpose FROM consents")).toEqual([])
  expect(await shopperOf(shop, "customer", "77")).toBeNull()
  const person = await shopperOf(shop, "checkout", "token-1")
  expect(await events(shop)).toEqual([
    { what: "checkout_start", person },
    { what: "checkout_contact", person },
  ])
  await apply(shop, customer({ versionMs: NOW + 2 * MINUTE }))
  expect(await query(shop, "SELECT fields, sealed FROM shop_records WHERE kind = 'customer'")).toEqual([
    { fields: {}, sealed: null },
  ])
})

test("of consent words the newest stands, and of two at one moment the withdrawal", async () => {
  const shop = await newShop()
  const word = (granted: boolean, versionMs: number): RecordChange => ({
    kind: "marketing_consent",
    id: "77:sms",
    customerId: "77",
    versionMs,
    fields: { channel: "sms", granted },
  })
  const granted = async () => (await query(shop, "SELECT granted FROM consents"))[0]?.granted
  await apply(shop, word(true, NOW + MINUTE))
  await apply(shop, word(false, NOW))
  expect(await granted()).toBe(true)
  await apply(shop, word(false, NOW + MINUTE))
  await apply(shop, word(true, NOW + MINUTE))
  expect(await granted()).toBe(false)
})

const product = (
  overrides: Partial<Extract<RecordChange, { kind: "product" }>> = {},
  fields: object = {},
): RecordChange => ({
  kind: "product",
  id: "500",
  versionMs: NOW,
  fields: {
    title: "Mug",
    description: "Blue",
    category: "Mugs",
    brand: "Ton",
    handle: "mug",
    status: "active",
    publishedAtMs: NOW,
    imageUrl: null,
    variants: [
      { id: "1", priceCents: 1_900, inventoryItemId: "31", tracked: true, sellsWhenOut: false, quantity: 3 },
      { id: "2", priceCents: 1_500, inventoryItemId: "32", tracked: true, sellsWhenOut: false, quantity: 0 },
    ],
    ...fields,
  },
  ...overrides,
})
const level = (item: string, available: number | null, versionMs = NOW): RecordChange => ({
  kind: "inventory_level",
  id: `${item}:7`,
  parentId: item,
  versionMs,
  fields: { available },
})

test("a product is a row that can be recommended while it is published and one of its variants sells", async () => {
  const shop = await newShop()
  const row = async () =>
    (
      await query(
        shop,
        "SELECT title, price_cents, currency, available FROM products WHERE external_id = '500'",
      )
    )[0]
  await apply(shop, level("31", 0))
  await apply(shop, product())
  expect(await row()).toEqual({ title: "Mug", price_cents: 1_500, currency: "USD", available: false })
  await apply(shop, level("32", 4))
  expect(await row()).toMatchObject({ available: true })
  await apply(shop, product({ versionMs: NOW + MINUTE }, { status: "draft" }))
  expect(await row()).toMatchObject({ available: false })
  await apply(shop, product({ versionMs: NOW + 2 * MINUTE }))
  await apply(shop, {
    kind: "shop",
    id: "shop",
    versionMs: NOW,
    fields: { currency: "EUR", name: "Ton & Co" },
  })
  expect(await row()).toMatchObject({ currency: "EUR", available: true })
  await apply(shop, { kind: "product", id: "500", versionMs: NOW + 3 * MINUTE, deleted: true, fields: {} })
  expect(await row()).toMatchObject({ title: "Mug", available: false })
  await apply(shop, level("32", 9, NOW + 4 * MINUTE))
  expect(await row()).toMatchObject({ available: false })
})

test("a message that does not say whether stock counts leaves what was said before", async () => {
  const shop = await newShop()
  const variant = (tracked: boolean | null) => ({
    variants: [
      { id: "1", priceCents: 1_900, inventoryItemId: "31", tracked, sellsWhenOut: false, quantity: 0 },
    ],
  })
  const row = async () =>
    (
      await query(
        shop,
        `SELECT p.available, r.wanted_at FROM products p JOIN shop_records r ON r.record_key = p.external_id
         WHERE r.kind = 'product'`,
      )
    )[0]
  await apply(shop, product({}, variant(null)))
  expect(await row()).toEqual({ available: false, wanted_at: new Date(NOW) })
  await apply(shop, product({ versionMs: NOW + 1 }, variant(false)))
  expect(await row()).toEqual({ available: true, wanted_at: null })
  await apply(shop, product({ versionMs: NOW + 2 }, variant(null)))
  expect(await row()).toEqual({ available: true, wanted_at: null })
})

test("products of other sources are left alone", async () => {
  const shop = await newShop()
  await query(shop, "INSERT INTO products (shop_id, external_id, title) VALUES ($1, 'MUG', 'Mug')", [
    shop.shopId,
  ])
  await apply(shop, product(), { kind: "shop", id: "shop", versionMs: NOW, fields: { currency: "EUR" } })
  expect(
    await query(shop, "SELECT title, currency, available FROM products WHERE external_id = 'MUG'"),
  ).toEqual([{ title: "Mug", currency: null, available: true }])
})

test("an edited order is wanted until its whole comes", async () => {
  const shop = await newShop()
  const wanted = async () => (await query(shop, "SELECT wanted_at FROM shop_records"))[0]?.wanted_at
  await apply(shop, order())
  await apply(shop, { kind: "order", id: "1", versionMs: NOW + MINUTE, fields: {}, wanted: true })
  expect(await wanted()).toEqual(new Date(NOW + MINUTE))
  await apply(shop, order({ versionMs: NOW + MINUTE + 500 }))
  expect(await wanted()).toBeNull()
})

test("the browser that told its cart is the person who ordered it, also where that is all they share", async () => {
  const shop = await newShop()
  const delivery = {
    shopper: { kind: "browser", name: "browser-1" },
    cart: "cart-1?key=abc",
    events: [{ type: "page_view", at: Date.now() - 1_000 }],
  }
  const { deliveryId } = await acceptDelivery(shop.shopId, {
    door: "block",
    topic: "events",
    externalId: "d-1",
    triggeredAt: null,
    body: JSON.stringify(delivery),
  })
  await processDelivery(shop.shopId, deliveryId)
  await updateJourneys(shop.shopId, { asOf: new Date() })
  await apply(shop, order({ customerId: null, personal: {} }, { checkoutToken: "checkout-1" }))
  // The order says by which checkout it came, and the checkout by which cart.
  await apply(shop, {
    kind: "checkout",
    id: "checkout-1",
    versionMs: NOW,
    fields: { createdAtMs: NOW, cartToken: "cart-1", contact: false },
  })
  await apply(
    shop,
    order({ customerId: null, versionMs: NOW + 1 }, { checkoutToken: "checkout-1", cartToken: "cart-1" }),
  )
  await updateJourneys(shop.shopId, { asOf: new Date() })
  const person = await shopperOf(shop, "order", "1")
  expect(await shopperOf(shop, "checkout", "checkout-1")).toBe(person)
  const browser = await withShopSql(shop.shopId, (client) =>
    findShopper(client, shop.shopId, shop.keys, "browser", "browser-1"),
  )
  expect(browser).toBe(person)
})
