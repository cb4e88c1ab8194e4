import type pg from "pg"
import { EVENT_TYPE_CODES } from "../event.ts"
import { KNOWN_BY_CODES } from "../known-by.ts"
import type { EventDifference } from "./project-events.server.ts"
import type { TouchedShoppers } from "./touched-shoppers.ts"

type Client = Pick<pg.PoolClient, "query">

/**
 * Marks shoppers for journey to count anew, and notes when they were seen and whether they are known. The marks come
 * first: journey takes them before it takes shoppers, and whoever takes both in one order waits for nobody in a circle.
 */
export async function touchShoppers(
  client: Client,
  shopId: number,
  touched: TouchedShoppers,
  difference: EventDifference,
): Promise<void> {
  if (touched.size === 0) return
  const shoppers = [...touched].sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))
  await client.query(
    `INSERT INTO dirty_shoppers (shop_id, shopper_id, since)
     SELECT $1::int, shopper_id, to_timestamp(since_ms / 1000)
     FROM unnest($2::bigint[], $3::float8[]) AS g (shopper_id, since_ms)
     ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = least(dirty_shoppers.since, excluded.since)`,
    [shopId, shoppers.map(([shopperId]) => shopperId), shoppers.map(([, sinceMs]) => sinceMs)],
  )
  const parted = new Set(difference.gone.map(({ shopperId }) => shopperId))
  await noteSeen(client, shopId, difference.fresh)
  if (parted.size > 0) await readSeen(client, shopId, [...parted])
}

async function noteSeen(client: Client, shopId: number, fresh: EventDifference["fresh"]): Promise<void> {
  if (fresh.length === 0) return
  await client.query(
    `UPDATE shoppers s SET first_seen_at = least(s.first_seen_at, g.first_at),
       last_seen_at = greatest(s.last_seen_at, g.last_at), known = s.known OR g.named
     FROM (
       SELECT shopper_id, to_timestamp(min(at_ms) / 1000) AS first_at, to_timestamp(max(at_ms) / 1000) AS last_at,
         bool_or(type = ANY ($5::smallint[])) AS named
       FROM unnest($2::bigint[], $3::float8[], $4::smallint[]) AS f (shopper_id, at_ms, type) GROUP BY shopper_id
     ) g
     WHERE s.shop_id = $1 AND s.shopper_id = g.shopper_id
       AND (s.first_seen_at <= g.first_at AND s.last_seen_at >= g.last_at AND (s.known OR NOT g.named)) IS NOT TRUE`,
    [
      shopId,
      fresh.map(({ shopperId }) => shopperId),
      fresh.map(({ event }) => event.atMs),
      fresh.map(({ event }) => EVENT_TYPE_CODES[event.type]),
      [...KNOWN_BY_CODES],
    ],
  )
}

/** Who lost events was perhaps not seen then. */
async function readSeen(client: Client, shopId: number, shopperIds: readonly string[]): Promise<void> {
  await client.query(
    `UPDATE shoppers s SET first_seen_at = g.first_at, last_seen_at = g.last_at
     FROM unnest($2::bigint[]) AS t (shopper_id) CROSS JOIN LATERAL (
       SELECT min(e.at) AS first_at, max(e.at) AS last_at
       FROM events e WHERE e.shop_id = $1 AND e.shopper_id = t.shopper_id) g
     WHERE s.shop_id = $1 AND s.shopper_id = t.shopper_id
       AND (s.first_seen_at, s.last_seen_at) IS DISTINCT FROM (g.first_at, g.last_at)`,
    [shopId, shopperIds],
  )
}
