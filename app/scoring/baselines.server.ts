import type pg from "pg"
import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import { withShopSql } from "../db.server.ts"
import { itemNeighbours, type Neighbours, type Sequences } from "./item-knn.ts"
import { popularityWeight } from "./popularity.ts"

/** Events read, newest first by time: beyond this the older ones change a fallback little and cost memory. */
const MAX_EVENTS = 1_000_000
const FETCH_ROWS = 20_000
const ROWS_A_STATEMENT = 500

const TYPE_BY_CODE = new Map<number, EventType>(EVENT_TYPES.map((type) => [EVENT_TYPE_CODES[type], type]))

/** What turns a person to a product; the rest only counts for popularity, or not at all. */
const SEQUENCE_TYPES = new Set<EventType>([
  "product_view",
  "recommendation_click",
  "favourite",
  "cart_add",
  "purchase",
])

type Log = { sequences: Sequences; popularity: Float64Array; people: number }

/**
 * Computes item-kNN and popularity from the shop's own events up to `asOf` and stores them for every serving process.
 * Idempotent; a job runs it hourly and after an import.
 */
export async function updateBaselines(
  shopId: number,
  { asOf }: { asOf: Date },
): Promise<{ products: number; people: number; events: number }> {
  const productIds = await readProductIds(shopId)
  const read = await withShopSql(shopId, (client) => readLog(client, shopId, productIds, asOf))
  const neighbours = itemNeighbours(read.sequences, productIds.length)
  await withShopSql(shopId, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('product_baselines'), $1)", [shopId])
    await client.query("DELETE FROM product_baselines WHERE shop_id = $1", [shopId])
    for (let from = 0; from < productIds.length; from += ROWS_A_STATEMENT)
      await insertRows(client, shopId, asOf, productIds, read.popularity, neighbours, from)
  })
  return { products: productIds.length, people: read.people, events: read.sequences.items.length }
}

async function readProductIds(shopId: number): Promise<number[]> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ product_id: number }>(
      "SELECT product_id FROM products WHERE shop_id = $1 ORDER BY product_id",
      [shopId],
    ),
  )
  return rows.map((row) => row.product_id)
}

async function readLog(
  client: pg.PoolClient,
  shopId: number,
  productIds: readonly number[],
  asOf: Date,
): Promise<Log> {
  const indexOf = new Map(productIds.map((productId, index) => [productId, index]))
  const bounds = await client.query<{ latest: Date | null; earliest: Date | null }>(
    `SELECT (SELECT max(at) FROM events WHERE shop_id = $1 AND at <= $2) AS latest,
       (SELECT at FROM events WHERE shop_id = $1 AND at <= $2 ORDER BY at DESC OFFSET ${MAX_EVENTS} LIMIT 1) AS earliest`,
    [shopId, asOf],
  )
  // Ages count from the log's own end: in a log that ended long ago something is popular too.
  const latestMs = bounds.rows[0]?.latest?.getTime() ?? asOf.getTime()
  await client.query(
    `DECLARE baseline_events NO SCROLL CURSOR FOR
     SELECT coalesce(s.merged_into, s.shopper_id) AS person, e.type, e.product_id,
       extract(epoch FROM e.at)::float8 * 1000 AS at_ms
     FROM events e JOIN shoppers s ON s.shop_id = e.shop_id AND s.shopper_id = e.shopper_id
     WHERE e.shop_id = ${shopId} AND e.product_id IS NOT NULL AND NOT s.bot
       AND e.at <= to_timestamp(${asOf.getTime() / 1000})
       AND e.at > to_timestamp(${(bounds.rows[0]?.earliest?.getTime() ?? -1e12) / 1000})
     ORDER BY 1, e.at, e.type, e.product_id`,
  )
  const items: number[] = []
  const starts: number[] = []
  const popularity = new Float64Array(productIds.length)
  let person: string | undefined
  for (;;) {
    const { rows } = await client.query<{ person: string; type: number; product_id: number; at_ms: number }>(
      `FETCH ${FETCH_ROWS} FROM baseline_events`,
    )
    if (rows.length === 0) break
    for (const row of rows) {
      const type = TYPE_BY_CODE.get(row.type)
      const index = indexOf.get(row.product_id)
      if (type === undefined || index === undefined) continue
      popularity[index] = (popularity[index] ?? 0) + popularityWeight(type, row.at_ms, latestMs)
      if (row.person !== person) {
        person = row.person
        starts.push(items.length)
      }
      // Repeats of one product in a row are one interest, not a pair.
      const repeated = starts.at(-1) !== items.length && items.at(-1) === index
      if (SEQUENCE_TYPES.has(type) && !repeated) items.push(index)
    }
  }
  await client.query("CLOSE baseline_events")
  return {
    sequences: { items: Int32Array.from(items), starts: Int32Array.from([...starts, items.length]) },
    popularity,
    people: starts.length,
  }
}

async function insertRows(
  client: pg.PoolClient,
  shopId: number,
  asOf: Date,
  productIds: readonly number[],
  popularity: Float64Array,
  neighbours: Neighbours,
  from: number,
): Promise<void> {
  const rows = productIds.slice(from, from + ROWS_A_STATEMENT).map((productId, offset) => {
    const index = from + offset
    const [first, end] = [neighbours.starts[index] ?? 0, neighbours.starts[index + 1] ?? 0]
    return {
      product_id: productId,
      popularity: popularity[index] ?? 0,
      neighbour_ids: Array.from(neighbours.items.subarray(first, end), (item) => productIds[item] ?? 0),
      weights: Array.from(neighbours.weights.subarray(first, end)),
    }
  })
  await client.query(
    `INSERT INTO product_baselines (shop_id, product_id, popularity, neighbour_ids, weights, as_of)
     SELECT $1, product_id, popularity, neighbour_ids, weights, $2
     FROM jsonb_to_recordset($3::jsonb) AS r (product_id int, popularity real, neighbour_ids int[], weights real[])`,
    [shopId, asOf, JSON.stringify(rows)],
  )
}

export type Baselines = {
  /** (rows,) by row of the shop's item matrix; 0 for row 0 and for products that came later. */
  popularity: Float32Array
  /** By row as well; row 0 has none. */
  neighbours: Neighbours
  /** False before the first computation. */
  computed: boolean
}

/** Stored baselines in the numbering of the shop's item matrix. */
export async function readBaselines(
  client: pg.PoolClient,
  shopId: number,
  rowByProduct: ReadonlyMap<number, number>,
  rowCount: number,
): Promise<Baselines> {
  const { rows } = await client.query<{
    product_id: number
    popularity: number
    neighbour_ids: number[]
    weights: number[]
  }>("SELECT product_id, popularity, neighbour_ids, weights FROM product_baselines WHERE shop_id = $1", [
    shopId,
  ])
  const popularity = new Float32Array(rowCount)
  const listed: { row: number; weight: number }[][] = Array.from({ length: rowCount }, () => [])
  for (const stored of rows) {
    const row = rowByProduct.get(stored.product_id)
    if (row === undefined) continue
    popularity[row] = stored.popularity
    listed[row] = stored.neighbour_ids.flatMap((productId, index) => {
      const neighbour = rowByProduct.get(productId)
      return neighbour === undefined ? [] : [{ row: neighbour, weight: stored.weights[index] ?? 0 }]
    })
  }
  const starts = new Int32Array(rowCount + 1)
  for (const [row, list] of listed.entries()) starts[row + 1] = (starts[row] ?? 0) + list.length
  const flat = listed.flat()
  return {
    popularity,
    neighbours: {
      starts,
      items: Int32Array.from(flat, (one) => one.row),
      weights: Float32Array.from(flat, (one) => one.weight),
    },
    computed: rows.length > 0,
  }
}
