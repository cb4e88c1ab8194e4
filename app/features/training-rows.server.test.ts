import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tableFromIPC } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { databasePool, ensureShop, withShopSql } from "../db.server.ts"
import { exportTrainingRows } from "./training-rows.server.ts"

testDatabase()

const folder = mkdtempSync(join(tmpdir(), "throughline-rows-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const START_MS = Date.UTC(2026, 0, 5)

async function addShopper(shopId: number, columns: { mergedInto?: string; bot?: boolean } = {}) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ id: string }>(
      "INSERT INTO shoppers (shop_id, merged_into, bot) VALUES ($1, $2, $3) RETURNING shopper_id AS id",
      [shopId, columns.mergedInto ?? null, columns.bot ?? false],
    ),
  )
  return rows[0]?.id ?? ""
}

async function addEvent(
  shopId: number,
  shopperId: string,
  minute: number,
  type: EventType,
  productId: number,
) {
  const at = new Date(START_MS + minute * 60_000)
  await databasePool().query("SELECT ensure_event_partitions($1, $1)", [at])
  await withShopSql(shopId, (client) =>
    client.query(
      `INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id)
       VALUES ($1, $2, gen_random_uuid(), $2, $3, $4, $5)`,
      [shopId, at, shopperId, EVENT_TYPE_CODES[type], productId],
    ),
  )
}

async function addProduct(shopId: number, name: string): Promise<number> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ id: number }>(
      "INSERT INTO products (shop_id, external_id, title, price_cents) VALUES ($1, $2, $2, 500) RETURNING product_id AS id",
      [shopId, name],
    ),
  )
  return rows[0]?.id ?? 0
}

test("a person's browsers make one row, bots and other shops none, and no name leaves", async () => {
  const shopId = await ensureShop("rows.myshopify.com")
  const otherShop = await ensureShop("other.myshopify.com")
  const mug = await addProduct(shopId, "MUG")
  const vase = await addProduct(shopId, "VASE")
  const person = await addShopper(shopId)
  const browser = await addShopper(shopId, { mergedInto: person })
  const bot = await addShopper(shopId, { bot: true })
  await addEvent(shopId, person, 10, "purchase", vase)
  await addEvent(shopId, browser, 0, "product_view", mug)
  await addEvent(shopId, bot, 5, "product_view", mug)
  const stranger = await addShopper(otherShop)
  await addEvent(otherShop, stranger, 1, "product_view", await addProduct(otherShop, "LAMP"))

  const counts = await exportTrainingRows(shopId, folder, () => undefined)

  expect(counts).toEqual({ shoppers: 1, events: 2, items: 2 })
  const sequences = tableFromIPC(readFileSync(join(folder, "sequences.arrow")))
  expect(sequences.numRows).toBe(1)
  const row = sequences.get(0)?.toJSON() ?? {}
  expect(row.row).toBe(0)
  expect(Array.from(row.event_type)).toEqual([EVENT_TYPE_CODES.product_view, EVENT_TYPE_CODES.purchase])
  expect(Array.from(row.event_item)).toEqual([1, 2])
  expect(Array.from(row.at_ms)).toEqual([START_MS, START_MS + 600_000])
  expect(Array.from(row.turn)).toEqual([1, 1])
  expect(sequences.schema.fields.map((field) => field.name).sort()).toEqual(
    [
      "at_ms",
      "event_boundary",
      "event_gap",
      "event_item",
      "event_price",
      "event_quantity",
      "event_source",
      "event_type",
      "next_stage",
      "row",
      "turn",
    ].sort(),
  )
  const items = tableFromIPC(readFileSync(join(folder, "items.arrow")))
  expect(items.getChild("item")?.toArray()).toEqual(["MUG", "VASE"])
})

test("a shop without events gives empty files, not an error", async () => {
  const shopId = await ensureShop("empty.myshopify.com")
  expect(await exportTrainingRows(shopId, folder, () => undefined)).toEqual({
    shoppers: 0,
    events: 0,
    items: 0,
  })
  expect(tableFromIPC(readFileSync(join(folder, "sequences.arrow"))).numRows).toBe(0)
})
