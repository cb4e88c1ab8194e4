import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tableFromIPC } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { databasePool, ensureShop, withShopSql } from "../db.server.ts"
import { productVector } from "./product-text.ts"
import { readTextEncoder } from "./text-encoder.server.ts"
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
  { priceCents = null, order = null }: { priceCents?: number | null; order?: string | null } = {},
) {
  const at = new Date(START_MS + minute * 60_000)
  await databasePool().query("SELECT ensure_event_partitions($1, $1)", [at])
  await withShopSql(shopId, (client) =>
    client.query(
      `INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id, price_cents, order_ref)
       VALUES ($1, $2, gen_random_uuid(), $2, $3, $4, $5, $6, $7)`,
      [shopId, at, shopperId, EVENT_TYPE_CODES[type], productId, priceCents, order],
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
  expect(Array.from(row.basket)).toEqual([0, 1])
  expect(Array.from(row.visit)).toEqual([0, 0])
  expect(Array.from(row.visit_buys)).toEqual([1, -1])
  expect(sequences.schema.fields.map((field) => field.name).sort()).toEqual(
    [
      "at_ms",
      "basket",
      "event_boundary",
      "event_gap",
      "event_item",
      "event_price",
      "event_quantity",
      "event_source",
      "event_type",
      "next_stage",
      "next_type",
      "return_days",
      "row",
      "spend_cents",
      "step_gap",
      "turn",
      "visit",
      "visit_buys",
    ].sort(),
  )
  const purchases = tableFromIPC(readFileSync(join(folder, "purchases.arrow")))
  expect(Array.from(purchases, (purchase) => purchase.toJSON())).toEqual([
    {
      row: 0,
      cut: 2,
      as_of_ms: START_MS + 600_000,
      frequency: 0,
      recency_days: 0,
      age_days: 0,
      valued_repeats: 0,
      mean_repeat_cents: 0,
      rhythm_lifecycle: 0,
      bought_next: -1,
    },
  ])
  const items = tableFromIPC(readFileSync(join(folder, "items.arrow")))
  expect(items.getChild("item")?.toArray()).toEqual(["MUG", "VASE"])
  expect(items.getChild("title")?.toArray()).toEqual(["MUG", "VASE"])
  const texts = Array.from(items.getChild("item_text") ?? [], (text) => text.toArray())
  expect(texts).toEqual(
    ["MUG", "VASE"].map((title) =>
      productVector(readTextEncoder(), { title, description: "", category: "", brand: "" }),
    ),
  )
})

test("each customer has a row a cut, of what was bought by then, net of refunds", async () => {
  const shopId = await ensureShop("cuts.myshopify.com")
  const mug = await addProduct(shopId, "MUG")
  const person = await addShopper(shopId)
  const days = (count: number) => count * 1_440
  const priced = (priceCents: number, order: string) => ({ priceCents, order })
  await addEvent(shopId, person, 0, "purchase", mug, priced(500, "A"))
  await addEvent(shopId, person, days(39), "purchase", mug, priced(700, "B"))
  await addEvent(shopId, person, days(39) + 1, "purchase", mug, priced(200, "B"))
  await addEvent(shopId, person, days(45), "refund", mug, priced(300, "B"))
  await addEvent(shopId, person, days(75), "purchase", mug, priced(1_000, "C"))
  await addEvent(shopId, await addShopper(shopId), days(100), "product_view", mug)

  await exportTrainingRows(shopId, folder, () => undefined)

  const purchases = tableFromIPC(readFileSync(join(folder, "purchases.arrow")))
  const column = (name: string) => Array.from(purchases.getChild(name)?.toArray() ?? [])
  expect(column("cut")).toEqual([0, 1, 2])
  expect(column("row")).toEqual([0, 0, 0])
  expect(column("frequency")).toEqual([1, 1, 2])
  expect(column("recency_days")).toEqual([39, 39, 75])
  expect(column("age_days")).toEqual([40, 70, 100])
  expect(column("mean_repeat_cents")).toEqual([900, 600, 800])
  expect(column("bought_next")).toEqual([0, 1, -1])
})

test("a shop without events gives empty files, not an error", async () => {
  const shopId = await ensureShop("empty.myshopify.com")
  expect(await exportTrainingRows(shopId, folder, () => undefined)).toEqual({
    shoppers: 0,
    events: 0,
    items: 0,
  })
  expect(tableFromIPC(readFileSync(join(folder, "sequences.arrow"))).numRows).toBe(0)
  expect(tableFromIPC(readFileSync(join(folder, "purchases.arrow"))).numRows).toBe(0)
})
