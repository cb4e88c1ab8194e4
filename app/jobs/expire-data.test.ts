import { beforeAll, expect, test } from "vitest"
import { addPerson, person } from "../../tests/privacy/person.ts"
import { testDatabase } from "../../tests/support/database.ts"
import { databasePool, ensureShop, shopIdOf, withShopSql } from "../db.server.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { eraseShoppers } from "../shop/erase-shoppers.server.ts"
import { shopKeys } from "../shop/keys.server.ts"
import { expireData } from "./expire-data.ts"

testDatabase()

const DAY_MS = 86_400_000
const NOW = new Date()
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS)
let shops = 0

beforeAll(async () => {
  await databasePool().query("SELECT ensure_event_partitions($1, $2)", [daysAgo(1_000), NOW])
})

const newShop = () => ensureShop(`expire-${++shops}.myshopify.com`)
const sql = async (shopId: number, text: string, values: unknown[] = []) =>
  (await withShopSql(shopId, (client) => client.query(text, values))).rows

test("after 30 days neither the key nor the body of a delivery is left, and one never processed is dead", async () => {
  const shopId = await newShop()
  const other = await newShop()
  for (const shop of [shopId, other]) await deliver(shop, "2026-03-01", "done")
  await deliver(shopId, "2026-03-01", "pending")
  await deliver(shopId, "2026-03-03", "pending")

  await expireData(shopId, new Date("2026-03-31T00:00:00Z"))
  await expireData(shopId, new Date("2026-03-31T00:00:00Z"))

  expect(await inbox(shopId)).toEqual([
    { day: "2026-03-01", state: "done", reason: null, body: false, key: false },
    { day: "2026-03-01", state: "dead", reason: "expired", body: false, key: false },
    { day: "2026-03-03", state: "pending", reason: null, body: true, key: true },
  ])
  expect(await inbox(other)).toMatchObject([{ body: true, key: true }])
})

async function deliver(shopId: number, day: string, state: string): Promise<void> {
  await sql(
    shopId,
    `INSERT INTO inbox (shop_id, door, topic, external_id, body, key_day, state, received_at)
     VALUES ($1, 'block', 'events', gen_random_uuid(), '\\x01', $2, $3, $2::date)`,
    [shopId, day, state],
  )
  await sql(
    shopId,
    "INSERT INTO vault.inbox_keys (shop_id, day, wrapped) VALUES ($1, $2, '\\x02') ON CONFLICT DO NOTHING",
    [shopId, day],
  )
}

const inbox = (shopId: number) =>
  sql(
    shopId,
    `SELECT key_day::text AS day, state, reason, body IS NOT NULL AS body, k.day IS NOT NULL AS key
     FROM inbox LEFT JOIN vault.inbox_keys k ON k.day = key_day ORDER BY delivery_id`,
  )

test("browsing goes after its months, purchases stay, and visits follow; a shop may shorten it", async () => {
  const shopId = await newShop()
  await addPerson(shopId, person(1), daysAgo(800).getTime())
  await addPerson(shopId, person(2), daysAgo(300).getTime())
  await updateJourneys(shopId, { asOf: NOW })
  const kinds = () => sql(shopId, "SELECT type, count(*)::int AS n FROM events GROUP BY type ORDER BY type")
  expect(await kinds()).toEqual([5, 6, 8, 17].map((type) => ({ type, n: 2 })))

  await expireData(shopId, NOW)
  expect(await kinds()).toEqual([...[5, 6, 8].map((type) => ({ type, n: 1 })), { type: 17, n: 2 }])
  await updateJourneys(shopId, { asOf: NOW })
  expect(await sql(shopId, "SELECT events FROM sessions ORDER BY started_at")).toEqual([
    { events: 1 },
    { events: 4 },
  ])

  await sql(shopId, `UPDATE shops SET settings = '{"retention": {"browsingMonths": 6}}'`)
  await expireData(shopId, NOW)
  expect(await kinds()).toEqual([{ type: 17, n: 2 }])
})

test("an archive that came in of late is kept for its time, however old what it tells", async () => {
  const shopId = await newShop()
  await addPerson(shopId, person(3), daysAgo(800).getTime())
  await sql(shopId, "UPDATE events SET received_at = now()")
  await expireData(shopId, NOW)
  expect(await sql(shopId, "SELECT count(*)::int AS n FROM events")).toEqual([{ n: 4 }])
})

test("a browser that never gave a name and has nothing left is forgotten with its key; a customer is not", async () => {
  const shopId = await newShop()
  const one = person(4)
  await addPerson(shopId, one)
  await sql(
    shopId,
    `WITH s AS (INSERT INTO shoppers (shop_id, created_at, last_seen_at) VALUES ($1, $2, $2) RETURNING shopper_id),
       k AS (INSERT INTO vault.shopper_keys (shop_id, shopper_id, wrapped) SELECT $1, shopper_id, '\\x01' FROM s)
     INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id) SELECT $1, 'browser', '\\x01', shopper_id FROM s`,
    [shopId, daysAgo(900)],
  )
  const before = await sql(shopId, "SELECT count(*)::int AS n FROM shoppers")
  await expireData(shopId, NOW)
  expect(before).toEqual([{ n: 4 }])
  for (const table of ["shoppers", "shopper_identities", "vault.shopper_keys"])
    expect(await sql(shopId, `SELECT count(*)::int AS n FROM ${table}`)).toEqual([{ n: 3 }])
})

test("baskets, decisions, files for people, requests, the access log and inbox rows go after their time", async () => {
  const shopId = await newShop()
  const add = async (days: number) => {
    const at = daysAgo(days)
    const key = `${days}`
    await sql(
      shopId,
      "INSERT INTO shop_records (shop_id, kind, record_key, version_at, created_at) VALUES ($1, 'cart', $2, $3, $3)",
      [shopId, key, at],
    )
    await sql(
      shopId,
      "INSERT INTO shop_records (shop_id, kind, record_key, version_at, created_at) VALUES ($1, 'order', $2, $3, $3)",
      [shopId, key, at],
    )
    await sql(
      shopId,
      `WITH d AS (INSERT INTO decisions (shop_id, decision_id, at, surface, placement, outcome, product_ids, scores, served_by, latency_ms)
         VALUES ($1, gen_random_uuid(), $2, 'block', 'product', 'shown', '{1}', '{1}', 'model', 1) RETURNING decision_id)
       INSERT INTO exposures (shop_id, decision_id, kind, product_id, at) SELECT $1, decision_id, 'seen', 1, $2 FROM d`,
      [shopId, at],
    )
    await sql(
      shopId,
      "INSERT INTO privacy_requests (shop_id, request_id, kind, state, received_at, due_at, answer) VALUES ($1, $2, 'data_request', 'done', $3, $3, '\\x01')",
      [shopId, key, at],
    )
    await sql(
      shopId,
      "INSERT INTO access_log (shop_id, at, actor, action) VALUES ($1, $2, 'staff:1', 'read_data_request')",
      [shopId, at],
    )
    await sql(
      shopId,
      "INSERT INTO inbox (shop_id, door, topic, external_id, key_day, state, received_at) VALUES ($1, 'block', 'events', $2, $3::date, 'done', $3)",
      [shopId, key, at],
    )
  }
  for (const days of [10, 100, 500, 1_200]) await add(days)
  await expireData(shopId, NOW)
  await expireData(shopId, NOW)
  const left = (query: string) => sql(shopId, query).then((rows) => rows.map((row) => row.left))
  expect(await left("SELECT record_key AS left FROM shop_records WHERE kind = 'cart'")).toEqual(["10"])
  expect(await left("SELECT count(*)::int AS left FROM shop_records WHERE kind = 'order'")).toEqual([4])
  expect(await left("SELECT count(*)::int AS left FROM decisions")).toEqual([2])
  expect(await left("SELECT count(*)::int AS left FROM exposures")).toEqual([2])
  expect(await left("SELECT request_id AS left FROM privacy_requests ORDER BY received_at DESC")).toEqual([
    "10",
    "100",
    "500",
  ])
  expect(await left("SELECT request_id AS left FROM privacy_requests WHERE answer IS NOT NULL")).toEqual([
    "10",
  ])
  expect(await left("SELECT count(*)::int AS left FROM access_log")).toEqual([3])
  expect(await left("SELECT external_id AS left FROM inbox")).toEqual(["10"])
})

test("what a transaction that was under way left of an erased person is erased too", async () => {
  const shopId = await newShop()
  const shopperId = await addPerson(shopId, person(5))
  const keys = await shopKeys(shopId)
  await withShopSql(shopId, (client) => eraseShoppers(client, shopId, keys, [shopperId]))
  await sql(
    shopId,
    "INSERT INTO events (shop_id, at, event_key, shopper_id, type) VALUES ($1, now(), gen_random_uuid(), $2, 6)",
    [shopId, shopperId],
  )
  await expireData(shopId, NOW)
  expect(
    await sql(shopId, "SELECT count(*)::int AS n FROM events WHERE shopper_id = $1", [shopperId]),
  ).toEqual([{ n: 0 }])
})

test("a shop that left and for which no request to erase it came is erased after its time", async () => {
  const shopId = await newShop()
  await addPerson(shopId, person(6))
  await sql(shopId, "UPDATE shops SET uninstalled_at = $1", [daysAgo(50)])
  await expireData(shopId, NOW)
  expect(await shopIdOf(`expire-${shops}.myshopify.com`)).toBe(shopId)
  await sql(shopId, "UPDATE shops SET uninstalled_at = $1", [daysAgo(61)])
  await expireData(shopId, NOW)
  expect(await shopIdOf(`expire-${shops}.myshopify.com`)).toBe(null)
})
