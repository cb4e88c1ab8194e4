/**
 * A small shop to serve in tests, and models for it: the committed demo model (it scores products that it has never
 * seen by their text and price), and damaged copies of it.
 */
import { createHash } from "node:crypto"
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type pg from "pg"
import { EVENT_TYPE_CODES, type EventType } from "../../app/capture/event.ts"
import { databasePool, ensureShop, withShopSql } from "../../app/db.server.ts"
import { blindIndex, shopKeys } from "../../app/shop/keys.server.ts"

export const demoModelFolder =
  process.env.THROUGHLINE_TEST_MODEL ?? join(import.meta.dirname, "..", "..", "ml", "demo-model")

/** Gives the test file a state folder of its own, for the model cache. Call before anything reads the environment. */
export function testHome(): string {
  const home = mkdtempSync(join(tmpdir(), "throughline-test-"))
  process.env.THROUGHLINE_HOME = home
  return home
}

/** A copy of the demo model to spoil. */
export function copyOfModel(): string {
  if (!existsSync(join(demoModelFolder, "manifest.json")))
    throw new Error(`Expected a model in ${demoModelFolder}; npm run train makes one.`)
  const folder = mkdtempSync(join(tmpdir(), "throughline-model-"))
  cpSync(demoModelFolder, folder, { recursive: true })
  return folder
}

/** Changes a file of a model and its hash in the manifest with it, as somebody who means harm would. */
export function spoil(folder: string, name: string, change: (bytes: Buffer) => Buffer): void {
  const spoilt = change(readFileSync(join(folder, name)))
  writeFileSync(join(folder, name), spoilt)
  const path = join(folder, "manifest.json")
  const manifest = JSON.parse(readFileSync(path, "utf8"))
  manifest.sha256[name] = createHash("sha256").update(spoilt).digest("hex")
  writeFileSync(path, JSON.stringify(manifest))
}

const CATEGORIES = ["Mugs", "Plates", "Bowls", "Candles", "Lamps", "Rugs"]

/** `count` products with external ids p1, p2 … and their product ids, in that order. */
export async function addProducts(shopId: number, count: number, from = 1): Promise<number[]> {
  const rows = Array.from({ length: count }, (_, index) => {
    const n = from + index
    return {
      external_id: `p${n}`,
      title: `${CATEGORIES[n % CATEGORIES.length]} number ${n}`,
      category: CATEGORIES[n % CATEGORIES.length],
      brand: `Maker ${n % 7}`,
      price_cents: 500 + ((n * 337) % 9000),
    }
  })
  const { rows: made } = await withShopSql(shopId, (client) =>
    client.query<{ product_id: number }>(
      `INSERT INTO products (shop_id, external_id, title, category, brand, price_cents, currency)
       SELECT $1, external_id, title, category, brand, price_cents, 'USD'
       FROM jsonb_to_recordset($2::jsonb) AS r (external_id text, title text, category text, brand text, price_cents int)
       RETURNING product_id`,
      [shopId, JSON.stringify(rows)],
    ),
  )
  return made.map((row) => row.product_id)
}

export type TestEvent = { type: EventType; item?: string; minutesAgo: number }

/** A shopper whom a browser (or a customer) of this name is, with events. Returns the shopper's number. */
export async function addShopper(
  shopId: number,
  identity: { kind: "browser" | "customer"; name: string },
  events: readonly TestEvent[],
  nowMs = Date.now(),
): Promise<bigint> {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, async (client) => {
    const made = await client.query<{ shopper_id: string }>(
      "INSERT INTO shoppers (shop_id) VALUES ($1) RETURNING shopper_id",
      [shopId],
    )
    const shopperId = made.rows[0]?.shopper_id ?? "0"
    await client.query(
      "INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id) VALUES ($1, $2, $3, $4)",
      [shopId, identity.kind, blindIndex(keys, identity.kind, identity.name), shopperId],
    )
    await addEvents(client, shopId, BigInt(shopperId), events, nowMs)
    return BigInt(shopperId)
  })
}

export async function addEvents(
  client: pg.PoolClient,
  shopId: number,
  shopperId: bigint,
  events: readonly TestEvent[],
  nowMs = Date.now(),
): Promise<void> {
  for (const event of events)
    await client.query(
      `INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id, quantity)
       VALUES ($1, $2, gen_random_uuid(), $2, $3, $4::int,
         (SELECT product_id FROM products WHERE shop_id = $1 AND external_id = $5), CASE WHEN $4::int >= 17 THEN 1 END)`,
      [
        shopId,
        new Date(nowMs - event.minutesAgo * 60_000),
        String(shopperId),
        EVENT_TYPE_CODES[event.type],
        event.item ?? null,
      ],
    )
}

export async function setSettings(shopId: number, settings: object): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query("UPDATE shops SET settings = $2 WHERE shop_id = $1", [shopId, JSON.stringify(settings)]),
  )
}

/** A shop with products and room for events, and no holdout. */
export async function makeShop(domain: string, products: number): Promise<number> {
  const shopId = await ensureShop(domain)
  await databasePool().query("SELECT ensure_event_partitions(now() - interval '60 days', now())")
  await setSettings(shopId, { experiment: { holdoutShare: 0 } })
  await addProducts(shopId, products)
  return shopId
}
