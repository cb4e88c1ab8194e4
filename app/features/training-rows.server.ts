import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type pg from "pg"
import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import { withShopSql } from "../db.server.ts"
import { writeItems, writeSequences } from "./arrow-files.server.ts"
import { type CatalogueItem, catalogueOf } from "./catalogue.ts"
import { goldenCases } from "./golden-cases.ts"
import type { FeatureEvent } from "./history-inputs.ts"
import { learntMs } from "./learnt.ts"
import { type TrainingRow, trainingRow } from "./training-row.ts"

/** Rows fetched at a time: keeps memory flat however long the history. */
const FETCH_ROWS = 10_000

const TYPE_BY_CODE = new Map<number, EventType>(EVENT_TYPES.map((type) => [EVENT_TYPE_CODES[type], type]))

export type ExportCounts = { shoppers: number; events: number; items: number }

/**
 * Writes sequences.arrow, items.arrow and golden-cases.json of one shop into a folder: every person after joins,
 * bots left out, numbered in the order they come. The events are read by one statement; memory stays flat.
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
    async function* trainingRows(): AsyncGenerator<TrainingRow> {
      for await (const events of readPersons(client, shopId)) {
        counts.shoppers += 1
        counts.events += events.length
        onProgress(counts.events, total)
        yield trainingRow(events, catalogue, logEndMs)
      }
    }
    await writeItems(join(folder, "items.arrow"), items, catalogue.priceEdges)
    await writeSequences(join(folder, "sequences.arrow"), trainingRows())
    await writeFile(join(folder, "golden-cases.json"), JSON.stringify(goldenCases()))
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

type EventRow = {
  person_id: string
  type: number
  at_ms: number
  received_ms: number
  product_id: number | null
  price_cents: number | null
  quantity: number | null
  source: string | null
}

/** Each person's events, person after person. */
async function* readPersons(client: pg.PoolClient, shopId: number): AsyncGenerator<FeatureEvent[]> {
  // The whole answer is read: plan for that, not for the first rows.
  await client.query("SET LOCAL cursor_tuple_fraction = 1")
  await client.query(
    `DECLARE training_events NO SCROLL CURSOR FOR
     SELECT coalesce(s.merged_into, s.shopper_id) AS person_id, e.type,
       (extract(epoch FROM e.at) * 1000)::float8 AS at_ms,
       (extract(epoch FROM e.received_at) * 1000)::float8 AS received_ms,
       e.product_id, e.price_cents, e.quantity, NULLIF(e.source, '') AS source
     FROM events e JOIN shoppers s ON s.shop_id = e.shop_id AND s.shopper_id = e.shopper_id
     WHERE e.shop_id = $1 AND NOT s.bot
     ORDER BY person_id, e.at`,
    [shopId],
  )
  let person: string | undefined
  let events: FeatureEvent[] = []
  for (;;) {
    const { rows } = await client.query<EventRow>(`FETCH ${FETCH_ROWS} FROM training_events`)
    if (rows.length === 0) break
    for (const row of rows) {
      if (row.person_id !== person) {
        if (events.length > 0) yield events
        person = row.person_id
        events = []
      }
      const type = TYPE_BY_CODE.get(row.type)
      // A type of a newer version, during a rolling upgrade: it is not in this one's vocabulary.
      if (type !== undefined) events.push(featureEvent(row, type))
    }
  }
  if (events.length > 0) yield events
  await client.query("CLOSE training_events")
}

function featureEvent(row: EventRow, type: EventType): FeatureEvent {
  const atMs = Math.round(row.at_ms)
  return {
    type,
    atMs,
    receivedMs: learntMs(atMs, Math.round(row.received_ms)),
    productId: row.product_id,
    priceCents: row.price_cents,
    quantity: row.quantity,
    source: row.source,
  }
}
