/**
 * Staged rows → events, set by set, inside the import's transaction: names become shoppers, items become products,
 * repeats get their ordinals, and what is new is inserted. Rows that are there already are left as they are.
 */
import type pg from "pg"
import { repeatKeySql } from "./event-key.server.ts"
import { KNOWN_BY_CODES } from "./known-by.ts"
import { type MergeShop, resolveProducts, resolveShoppers, sealQueries } from "./resolve-staged.server.ts"
import type { Staged } from "./stage-events.server.ts"

/** Staged rows inserted by one statement: enough to make its set-up cheap, few enough to show progress. */
const ROWS_A_STATEMENT = 500_000
const UNIQUE_VIOLATION = "23505"

/** @returns how many events were added. */
export async function mergeEvents(
  client: pg.PoolClient,
  shop: MergeShop,
  staged: Staged,
  onProgress: (rowsMerged: number) => Promise<void>,
): Promise<number> {
  // Set against set, always: the statistics know nothing yet of a shop that is new, and a plan that loops over "one
  // row" of it takes hours.
  await client.query("SET LOCAL work_mem = '128MB'; SET LOCAL enable_nestloop = off")
  await resolveShoppers(client, shop, staged.hidden)
  await resolveProducts(client, shop.shopId)
  await sealQueries(client, shop, staged)
  const apart = await setApart(client, shop.shopId, staged)
  await client.query(
    "CREATE TEMP TABLE touched (shopper_id bigint, since timestamptz, until timestamptz, known boolean, added bigint) ON COMMIT DROP",
  )
  const insert = (known: boolean) =>
    insertStaged(client, shop.shopId, staged.rows, { apart, known }, onProgress)
  if (await hasEvents(client, shop.shopId)) await insert(true)
  else await insertFresh(client, insert)
  return updateTouched(client, shop.shopId)
}

async function hasEvents(client: pg.PoolClient, shopId: number): Promise<boolean> {
  const { rows } = await client.query<{ has: boolean }>(
    "SELECT EXISTS (SELECT FROM events WHERE shop_id = $1) AS has",
    [shopId],
  )
  return rows[0]?.has ?? false
}

/** A shop without events has none to look for, which saves a fifth of the time, unless one comes in meanwhile. */
async function insertFresh(client: pg.PoolClient, insert: (known: boolean) => Promise<void>): Promise<void> {
  await client.query("SAVEPOINT fresh")
  try {
    await insert(false)
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error
    await client.query("ROLLBACK TO SAVEPOINT fresh")
    await insert(true)
  }
}

async function insertStaged(
  client: pg.PoolClient,
  shopId: number,
  rows: number,
  how: { apart: boolean; known: boolean },
  onProgress: (rowsMerged: number) => Promise<void>,
): Promise<void> {
  const pages = await stagedPages(client)
  const pagesAStatement = Math.max(1, Math.ceil((pages * ROWS_A_STATEMENT) / Math.max(1, rows)))
  for (let page = 0; page < pages; page += pagesAStatement) {
    await insertEvents(
      client,
      shopId,
      `SELECT s.*, s.key AS event_key FROM pg_temp.staged_events s
       WHERE s.ctid >= '(${page},0)'::tid AND s.ctid < '(${page + pagesAStatement},0)'::tid
       ${how.apart ? "AND NOT EXISTS (SELECT FROM pg_temp.apart_keys a WHERE a.key = s.key)" : ""}`,
      how.known,
    )
    await onProgress(Math.min(rows, Math.round((rows * (page + pagesAStatement)) / pages)))
  }
  if (how.apart) await insertEvents(client, shopId, REPEATED_ROWS, how.known)
}

/**
 * Keys that need more than "insert unless it is there": those that several rows of the file share, and ids that the
 * shop has at another time or of another shopper (a corrected delivery, or an export after names were joined: the
 * first one stands). Most files have few of either.
 */
async function setApart(client: pg.PoolClient, shopId: number, staged: Staged): Promise<boolean> {
  await client.query("CREATE TEMP TABLE apart_keys (key uuid, known boolean) ON COMMIT DROP")
  if (staged.seen > 0)
    await client.query(
      `INSERT INTO pg_temp.apart_keys SELECT key, false FROM pg_temp.staged_events
       WHERE key IN (SELECT key FROM pg_temp.staged_events WHERE seen) GROUP BY key HAVING count(*) > 1`,
    )
  if (staged.withId > 0)
    await client.query(
      `INSERT INTO pg_temp.apart_keys SELECT DISTINCT s.key, true
       FROM pg_temp.staged_events s JOIN pg_temp.shopper_of o USING (shopper_no)
       JOIN events e ON e.shop_id = $1 AND e.event_key = s.key
       WHERE s.has_id AND (e.at, e.shopper_id) <> (s.at, o.shopper_id)`,
      [shopId],
    )
  await client.query("ANALYZE pg_temp.apart_keys")
  const { rows } = await client.query<{ any: boolean }>(
    "SELECT EXISTS (SELECT FROM pg_temp.apart_keys) AS any",
  )
  return rows[0]?.any ?? false
}

/** Of rows that share an id, the earliest; of identical rows, each under a key of its own. The order is the rows' own. */
const REPEATED_ROWS = `
  SELECT r.*, ${repeatKeySql("r.key", "r.ordinal")} AS event_key FROM (
    SELECT s.*, row_number() OVER (PARTITION BY s.key ORDER BY s.at, s.type, s.price_cents, s.quantity, s.currency,
      s.order_ref, s.source, s.source_session, n.blind, i.item) AS ordinal
    FROM pg_temp.staged_events s
    LEFT JOIN pg_temp.named_shoppers n USING (shopper_no) LEFT JOIN pg_temp.named_items i USING (item_no)
    WHERE s.key IN (SELECT key FROM pg_temp.apart_keys)
  ) r
  WHERE (r.ordinal = 1 OR NOT r.has_id) AND NOT EXISTS (
    SELECT FROM pg_temp.apart_keys a WHERE a.key = r.key AND a.known)`

async function stagedPages(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ pages: number }>(
    "SELECT (pg_relation_size('pg_temp.staged_events') / current_setting('block_size')::int)::int AS pages",
  )
  return rows[0]?.pages ?? 0
}

/**
 * In the order of the key, so that each page of the index is filled once, and a shopper's events lie together.
 * @param known whether the shop may have some of them.
 */
async function insertEvents(
  client: pg.PoolClient,
  shopId: number,
  rows: string,
  known: boolean,
): Promise<void> {
  await client.query(
    `WITH added AS (
       INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id, price_cents, currency,
         quantity, source_session, order_ref, source, query_sealed)
       SELECT ${shopId}, r.at, r.event_key, now(), o.shopper_id, r.type, p.product_id, r.price_cents, r.currency,
         r.quantity, r.source_session, r.order_ref, r.source, q.sealed
       FROM (${rows}) r JOIN pg_temp.shopper_of o USING (shopper_no)
       LEFT JOIN pg_temp.product_of p USING (item_no) LEFT JOIN pg_temp.sealed_queries q USING (query_no)
       ORDER BY o.shopper_id, r.at ${known ? "ON CONFLICT DO NOTHING" : ""}
       RETURNING shopper_id, at, type
     )
     INSERT INTO pg_temp.touched
     SELECT shopper_id, min(at), max(at), bool_or(type IN (${KNOWN_BY_CODES.join(", ")})), count(*) FROM added GROUP BY 1`,
  )
}

/** Marks the shoppers that got events, from the earliest of these on, for journey to recount. */
async function updateTouched(client: pg.PoolClient, shopId: number): Promise<number> {
  await client.query(
    `WITH t AS (
       SELECT shopper_id, min(since) AS since, max(until) AS until, bool_or(known) AS known
       FROM pg_temp.touched GROUP BY shopper_id
     ), seen AS (
       UPDATE shoppers s SET known = s.known OR t.known, first_seen_at = least(s.first_seen_at, t.since),
         last_seen_at = greatest(s.last_seen_at, t.until)
       FROM t WHERE s.shop_id = $1 AND s.shopper_id = t.shopper_id
     )
     INSERT INTO dirty_shoppers (shop_id, shopper_id, since) SELECT $1, shopper_id, since FROM t ORDER BY shopper_id
     ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = least(dirty_shoppers.since, excluded.since)`,
    [shopId],
  )
  const { rows } = await client.query<{ added: string }>(
    "SELECT coalesce(sum(added), 0) AS added FROM pg_temp.touched",
  )
  return Number(rows[0]?.added ?? 0)
}
