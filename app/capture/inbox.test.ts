import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { shopKeys } from "../shop/keys.server.ts"
import { acceptDelivery } from "./inbox.server.ts"
import { findShopper } from "./shopper-names.server.ts"
import { processDelivery, processPending } from "./work-inbox.server.ts"

testDatabase()

let shops = 0
async function newShop(): Promise<number> {
  const shopId = await ensureShop(`inbox-${++shops}.myshopify.com`)
  await withShopSql(shopId, (client) =>
    client.query("INSERT INTO products (shop_id, external_id, title) VALUES ($1, 'MUG', 'Mug')", [shopId]),
  )
  return shopId
}

let deliveries = 0
function delivery(
  overrides: { body?: unknown; door?: "block" | "pixel" | "webhook"; externalId?: string } = {},
) {
  const { door = "block", externalId = `delivery-${++deliveries}` } = overrides
  const body = overrides.body ?? {
    shopper: { kind: "browser", name: "browser-1" },
    session: "session-1",
    events: [
      { type: "product_view", at: Date.now() - 2_000, item: "MUG", id: `${externalId}:0` },
      { type: "search", at: Date.now() - 1_000, query: "blue mug", id: `${externalId}:1` },
    ],
  }
  const text = typeof body === "string" ? body : JSON.stringify(body)
  return { door, topic: "events", externalId, triggeredAt: null, body: text }
}

const one = (event: object, shopper: object = { kind: "browser", name: "browser-1" }) => ({
  shopper,
  events: [event],
})

const query = (shopId: number, sql: string) =>
  withShopSql(shopId, async (client) => (await client.query(sql)).rows)

const eventTypes = (shopId: number) => query(shopId, "SELECT type FROM events ORDER BY at")

test("a delivery is stored sealed, worked off once, and its events belong to the browser it names", async () => {
  const shopId = await newShop()
  const { deliveryId, duplicate } = await acceptDelivery(shopId, delivery())
  expect(duplicate).toBe(false)
  const [stored] = await query(shopId, "SELECT body, state FROM inbox")
  expect(stored.state).toBe("pending")
  expect(stored.body.toString("latin1")).not.toContain("browser-1")

  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "done", added: 2 })
  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "skipped" })
  const shopper = await withShopSql(shopId, async (client) =>
    findShopper(client, shopId, await shopKeys(shopId), "browser", "browser-1"),
  )
  expect(
    await query(
      shopId,
      "SELECT type, shopper_id, source_session IS NOT NULL AS session FROM events ORDER BY at",
    ),
  ).toEqual([
    { type: 6, shopper_id: String(shopper), session: true },
    { type: 5, shopper_id: String(shopper), session: true },
  ])
  expect(await query(shopId, "SELECT shopper_id FROM dirty_shoppers")).toEqual([
    { shopper_id: String(shopper) },
  ])
})

test("a delivery that comes twice is one delivery, and another shop's of the same id is its own", async () => {
  const [shopId, other] = [await newShop(), await newShop()]
  const first = await acceptDelivery(shopId, delivery({ externalId: "same" }))
  const second = await acceptDelivery(shopId, delivery({ externalId: "same" }))
  expect(second).toEqual({ deliveryId: first.deliveryId, duplicate: true })
  expect((await acceptDelivery(other, delivery({ externalId: "same" }))).duplicate).toBe(false)
  expect(await processPending(shopId, 10)).toEqual({ done: 1, dropped: 0, retry: 0, dead: 0, skipped: 0 })
  expect(await eventTypes(shopId)).toHaveLength(2)
  expect(await eventTypes(other)).toHaveLength(0)
})

test("many at once with one id are one delivery", async () => {
  const shopId = await newShop()
  const taken = await Promise.all(
    Array.from({ length: 8 }, () => acceptDelivery(shopId, delivery({ externalId: "burst" }))),
  )
  expect(new Set(taken.map(({ deliveryId }) => deliveryId)).size).toBe(1)
  expect(taken.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
})

test("the same event in two deliveries is one event", async () => {
  const shopId = await newShop()
  const event = { type: "product_view", at: Date.now() - 5_000, item: "MUG", id: "event-1" }
  for (const at of [event.at, event.at + 1_000]) {
    const { deliveryId } = await acceptDelivery(shopId, delivery({ body: one({ ...event, at }) }))
    await processDelivery(shopId, deliveryId)
  }
  expect(await eventTypes(shopId)).toEqual([{ type: 6 }])
})

test.each([
  ["a purchase", "block", one({ type: "purchase", at: Date.now(), item: "MUG" })],
  ["a refund", "block", one({ type: "refund", at: Date.now() })],
  ["a login", "block", one({ type: "login", at: Date.now() })],
  ["a registration", "pixel", one({ type: "register", at: Date.now() })],
  ["a contact", "pixel", one({ type: "checkout_contact", at: Date.now() })],
  ["a price", "block", one({ type: "product_view", at: Date.now(), item: "MUG", price: 1 })],
  ["another field", "block", one({ type: "page_view", at: Date.now(), consent: true })],
  [
    "a customer through the pixel",
    "pixel",
    one({ type: "page_view", at: Date.now() }, { kind: "customer", name: "1" }),
  ],
  ["a NUL", "block", one({ type: "search", at: Date.now(), query: "a\0b" })],
  ["no JSON", "block", "{"],
] as const)("a delivery with %s is dropped and counted", async (_, door, body) => {
  const shopId = await newShop()
  const { deliveryId } = await acceptDelivery(shopId, delivery({ door, body }))
  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "dropped", reason: "bad_payload" })
  expect(await query(shopId, "SELECT state, reason FROM inbox")).toEqual([
    { state: "dropped", reason: "bad_payload" },
  ])
  expect(await query(shopId, "SELECT name, count FROM counters")).toEqual([
    { name: "drop:bad_payload", count: "1" },
  ])
  expect(await eventTypes(shopId)).toEqual([])
  expect(await query(shopId, "SELECT shopper_id FROM shoppers")).toEqual([])
})

test("events of an item that the shop lacks are left out, the others stay, and no product is made", async () => {
  const shopId = await newShop()
  const body = {
    shopper: { kind: "browser", name: "b" },
    events: [
      { type: "product_view", at: Date.now() - 1_000, item: "GHOST" },
      { type: "page_view", at: Date.now() - 500 },
    ],
  }
  const { deliveryId } = await acceptDelivery(shopId, delivery({ body }))
  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "done", added: 1 })
  expect(await query(shopId, "SELECT name, count FROM counters")).toEqual([
    { name: "drop:unknown_item", count: "1" },
  ])
  expect(await query(shopId, "SELECT external_id FROM products")).toEqual([{ external_id: "MUG" }])
})

test("events too old or of the future are left out; a clock a little ahead is taken for the time of arrival", async () => {
  const shopId = await newShop()
  const body = {
    shopper: { kind: "browser", name: "b" },
    events: [-3 * 86_400_000, 3_600_000, 60_000].map((ms) => ({ type: "page_view", at: Date.now() + ms })),
  }
  const { deliveryId } = await acceptDelivery(shopId, delivery({ body }))
  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "done", added: 1 })
  expect(await query(shopId, "SELECT e.at = i.received_at AS arrival FROM events e, inbox i")).toEqual([
    { arrival: true },
  ])
})

test("a signed customer is known, a browser is not", async () => {
  const shopId = await newShop()
  for (const kind of ["customer", "browser"]) {
    const body = one({ type: "page_view", at: Date.now() }, { kind, name: "1001" })
    await processDelivery(shopId, (await acceptDelivery(shopId, delivery({ body }))).deliveryId)
  }
  expect(await query(shopId, "SELECT known FROM shoppers ORDER BY shopper_id")).toEqual([
    { known: true },
    { known: false },
  ])
})

test("a delivery that cannot be opened waits longer each time, then is dead", async () => {
  const shopId = await newShop()
  const { deliveryId } = await acceptDelivery(shopId, delivery())
  await query(
    shopId,
    "UPDATE inbox SET body = '\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'",
  )
  const retry = await processDelivery(shopId, deliveryId)
  expect(retry.outcome).toBe("retry")
  expect(await processPending(shopId, 10)).toMatchObject({ retry: 0, skipped: 0 })
  expect(await query(shopId, "SELECT attempts, state, reason FROM inbox")).toEqual([
    { attempts: 1, state: "pending", reason: "internal" },
  ])
  await query(shopId, "UPDATE inbox SET attempts = 19, next_attempt_at = now()")
  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "dead" })
})

test("two workers do not work off one delivery twice", async () => {
  const shopId = await newShop()
  const { deliveryId } = await acceptDelivery(shopId, delivery())
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => processDelivery(shopId, deliveryId)))
  expect(outcomes.filter(({ outcome }) => outcome === "done")).toHaveLength(1)
  expect(await eventTypes(shopId)).toHaveLength(2)
})

test("a worker that claims in vain keeps no other from the work", async () => {
  const shopId = await newShop()
  for (let round = 0; round < 60; round += 1) {
    const { deliveryId } = await acceptDelivery(shopId, delivery({ externalId: `round-${round}` }))
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => processDelivery(shopId, deliveryId)))
    expect(outcomes.filter(({ outcome }) => outcome === "done")).toHaveLength(1)
  }
  expect(await eventTypes(shopId)).toHaveLength(120)
})

test("a body over a mebibyte is refused before it is stored", async () => {
  const shopId = await newShop()
  await expect(acceptDelivery(shopId, delivery({ body: "x".repeat((1 << 20) + 1) }))).rejects.toMatchObject({
    code: "too_large",
  })
  expect(await query(shopId, "SELECT delivery_id FROM inbox")).toEqual([])
})
