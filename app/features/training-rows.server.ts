import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { type CatalogueItem, catalogueOf } from "./catalogue.ts"
import { goldenCases } from "./golden-cases.ts"
import { writeItems } from "./item-rows.server.ts"
import { openPurchaseRows } from "./purchase-rows.server.ts"
import { readPersons } from "./read-persons.server.ts"
import { writeSequences } from "./sequence-rows.server.ts"
import { readTextEncoder } from "./text-encoder.server.ts"
import { type TrainingRow, trainingRow } from "./training-row.ts"

export type ExportCounts = { shoppers: number; events: number; items: number }

/**
 * Writes sequences.arrow, purchases.arrow, items.arrow and golden-cases.json of one shop into a folder: every person
 * after joins, bots left out, numbered in the order they come. The events are read by one statement; memory stays
 * flat.
 */
export async function exportTrainingRows(
  shopId: number,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<ExportCounts> {
  return withShopSql(shopId, async (client) => {
    const items = await readCatalogue(client, shopId)
    const catalogue = catalogueOf(items)
    const { rows } = await client.query<{ events: number; end_ms: number | null }>(
      "SELECT count(*)::int AS events, (extract(epoch FROM max(at)) * 1000)::float8 AS end_ms FROM events WHERE shop_id = $1",
      [shopId],
    )
    const total = rows[0]?.events ?? 0
    const logEndMs = rows[0]?.end_ms ?? 0
    const counts: ExportCounts = { shoppers: 0, events: 0, items: items.length }
    const purchases = openPurchaseRows(join(folder, "purchases.arrow"), logEndMs)
    async function* trainingRows(): AsyncGenerator<TrainingRow> {
      for await (const { events } of readPersons(client, shopId)) {
        await purchases.add(counts.shoppers, events)
        counts.shoppers += 1
        counts.events += events.length
        onProgress(counts.events, total)
        yield trainingRow(events, catalogue, logEndMs)
      }
    }
    await writeItems(join(folder, "items.arrow"), items, catalogue.priceEdges)
    await writeSequences(join(folder, "sequences.arrow"), trainingRows())
    await purchases.end()
    await writeFile(join(folder, "golden-cases.json"), JSON.stringify(goldenCases(readTextEncoder())))
    return counts
  })
}

async function readCatalogue(client: pg.PoolClient, shopId: number): Promise<CatalogueItem[]> {
  const { rows } = await client.query<{
    product_id: number
    external_id: string
    title: string
    description: string
    category: string
    brand: string
    price_cents: number | null
    available: boolean
  }>(
    `SELECT product_id, external_id, title, description, category, brand, price_cents, available
     FROM products WHERE shop_id = $1 ORDER BY product_id`,
    [shopId],
  )
  return rows.map((row) => ({
    productId: row.product_id,
    externalId: row.external_id,
    title: row.title,
    description: row.description,
    category: row.category,
    brand: row.brand,
    priceCents: row.price_cents,
    available: row.available,
  }))
}
