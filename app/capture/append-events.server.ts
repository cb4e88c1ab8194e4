import { createSecretKey, type KeyObject } from "node:crypto"
import type pg from "pg"
import { type ShopKeys, seal, unwrapShopperKey } from "../shop/keys.server.ts"
import { EVENT_TYPE_CODES, type PlainEvent } from "./event.ts"
import { eventKey, eventKeyPrefix, repeatKey, sessionKey, uuidOf } from "./event-key.server.ts"
import { ensureEventPartitions, monthOf } from "./event-partitions.server.ts"
import { KNOWN_BY_CODES } from "./known-by.ts"
import type { NameKind } from "./name-kind.ts"
import { type NamedShopper, queryPlace, resolveNames } from "./shopper-names.server.ts"

/** Where events come from: what their shoppers' names are, and whether they may name a product that the shop lacks. */
export type EventOrigin = { names: NameKind; unknownItems: "make" | "drop" }

export type Appended = {
  added: number
  /** There already, or twice in the batch under one id. */
  known: number
  /** Left out, for they name an item that the shop lacks. */
  unknownItem: number
}

/**
 * An id that comes again within this time of its event is the same event, even at another time. Further back
 * lie other partitions, and no door delivers so late.
 */
const SAME_ID_DAYS = 7

/**
 * Adds a few events, as a door delivers them: finds or makes their shoppers and products, keeps what is new, and marks
 * the shoppers for journey to recount. Adding the same events again changes nothing. Bulk goes through COPY
 * (import-events.server.ts); both give an event the same key.
 * @param client inside the shop's transaction, which has not touched the events yet.
 */
export async function appendEvents(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  events: readonly PlainEvent[],
  receivedAt: Date,
  origin: EventOrigin,
): Promise<Appended> {
  const products = await resolveProducts(client, shopId, events, origin)
  const kept = events.filter(({ item }) => item === undefined || products.has(item))
  const unknownItem = events.length - kept.length
  if (kept.length === 0) return { added: 0, known: 0, unknownItem }
  await ensureEventPartitions(new Set(kept.map(({ atMs }) => monthOf(atMs))), client)
  const names = kept.map(({ shopper }) => shopper)
  const shoppers = await resolveNames(client, shopId, keys, origin.names, names)
  const sealQuery = await querySealer(client, shopId, keys, kept, shoppers)
  const rows = keyed(kept, keys, shoppers).map(({ event, shopper, key, session }) => ({
    at: event.atMs,
    key,
    shopper: String(shopper.shopperId),
    type: EVENT_TYPE_CODES[event.type],
    product: event.item === undefined ? null : products.get(event.item),
    price: event.priceCents,
    currency: event.currency,
    quantity: event.quantity,
    session,
    order_ref: event.order,
    source: event.source,
    query: event.query === undefined ? null : sealQuery(shopper.shopperId, event.query),
  }))
  const added = await insertRows(client, shopId, rows, receivedAt, origin)
  return { added, known: kept.length - added, unknownItem }
}

type KeyedEvent = { event: PlainEvent; shopper: NamedShopper; key: string; session: string | null }

/** Keys as an import gives them: of rows that share an id the first stands, identical ones are numbered. */
function keyed(
  events: readonly PlainEvent[],
  keys: ShopKeys,
  shoppers: ReadonlyMap<string, NamedShopper>,
): KeyedEvent[] {
  const prefix = eventKeyPrefix(keys)
  const seen = new Map<string, number>()
  const rows: KeyedEvent[] = []
  for (const event of events) {
    const shopper = shoppers.get(event.shopper)
    if (!shopper) throw new TypeError("A shopper was neither found nor made.")
    const base = uuidOf(eventKey(prefix, event, shopper.blind.toString("latin1")))
    const ordinal = (seen.get(base) ?? 0) + 1
    seen.set(base, ordinal)
    if (ordinal > 1 && event.id !== undefined) continue
    const session = event.session === undefined ? null : uuidOf(sessionKey(prefix, event.session))
    rows.push({ event, shopper, key: repeatKey(base, ordinal), session })
  }
  return rows
}

async function resolveProducts(
  client: pg.PoolClient,
  shopId: number,
  events: readonly PlainEvent[],
  origin: EventOrigin,
): Promise<Map<string, number>> {
  const items = [...new Set(events.flatMap(({ item }) => item ?? []))].sort()
  if (items.length === 0) return new Map()
  if (origin.unknownItems === "make")
    await client.query(
      `INSERT INTO products (shop_id, external_id, title) SELECT $1::int, item, item FROM unnest($2::text[]) AS item
       WHERE NOT EXISTS (SELECT FROM products p WHERE p.shop_id = $1 AND p.external_id = item)
       ORDER BY item ON CONFLICT DO NOTHING`,
      [shopId, items],
    )
  const { rows } = await client.query<{ external_id: string; product_id: number }>(
    "SELECT external_id, product_id FROM products WHERE shop_id = $1 AND external_id = ANY ($2)",
    [shopId, items],
  )
  return new Map(rows.map((row) => [row.external_id, row.product_id]))
}

/**
 * Seals what a shopper typed under the shopper's key, as hex. An erased shopper has no key any more: then it is not
 * kept.
 */
async function querySealer(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  events: readonly PlainEvent[],
  shoppers: ReadonlyMap<string, NamedShopper>,
): Promise<(shopperId: bigint, query: string) => string | null> {
  const names = new Set(events.flatMap((event) => (event.query === undefined ? [] : event.shopper)))
  const own = new Map<bigint, KeyObject>()
  if (names.size > 0) {
    const ids = [...names].flatMap((name) => shoppers.get(name)?.shopperId ?? [])
    const { rows } = await client.query<{ shopper_id: string; wrapped: Buffer }>(
      "SELECT shopper_id, wrapped FROM vault.shopper_keys WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])",
      [shopId, ids.map(String)],
    )
    for (const row of rows) {
      const shopperId = BigInt(row.shopper_id)
      own.set(shopperId, createSecretKey(unwrapShopperKey(keys, shopId, shopperId, row.wrapped)))
    }
  }
  return (shopperId, query) => {
    const key = own.get(shopperId)
    return key ? seal(key, query, queryPlace(shopId, shopperId)).toString("hex") : null
  }
}

async function insertRows(
  client: pg.PoolClient,
  shopId: number,
  rows: readonly object[],
  receivedAt: Date,
  origin: EventOrigin,
): Promise<number> {
  const { rows: result } = await client.query<{ added: number }>(
    `WITH given AS (
       SELECT to_timestamp(g.at / 1000.0)::timestamptz(3) AS at, g.key, g.shopper, g.type, g.product, g.price, g.currency,
         g.quantity, g.session, g.order_ref, g.source, decode(g.query, 'hex') AS query
       FROM jsonb_to_recordset($2::jsonb) AS g (at bigint, key uuid, shopper bigint, type smallint, product int, price int,
         currency text, quantity int, session uuid, order_ref text, source text, query text)
     ), added AS (
       INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id, price_cents, currency,
         quantity, source_session, order_ref, source, query_sealed)
       SELECT $1::int, at, key, $3::timestamptz, shopper, type, product, price, currency, quantity, session, order_ref,
         source, query FROM given g
       WHERE NOT EXISTS (
         SELECT FROM events e WHERE e.shop_id = $1 AND e.shopper_id = g.shopper AND e.event_key = g.key
           AND e.at BETWEEN (SELECT min(at) FROM given) - $4::int * interval '1 day'
             AND (SELECT max(at) FROM given) + $4::int * interval '1 day')
       ON CONFLICT DO NOTHING RETURNING shopper_id, at, type
     ), touched AS (
       SELECT shopper_id, min(at) AS since, max(at) AS until, bool_or(type = ANY ($5::smallint[]) OR $6) AS known
       FROM added GROUP BY shopper_id
     ), seen AS (
       UPDATE shoppers s SET known = s.known OR t.known, first_seen_at = least(s.first_seen_at, t.since),
         last_seen_at = greatest(s.last_seen_at, t.until)
       FROM touched t WHERE s.shop_id = $1 AND s.shopper_id = t.shopper_id
     ), marked AS (
       INSERT INTO dirty_shoppers (shop_id, shopper_id, since)
       SELECT $1::int, shopper_id, since FROM touched ORDER BY shopper_id
       ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = least(dirty_shoppers.since, excluded.since)
     )
     SELECT count(*)::int AS added FROM added`,
    [
      shopId,
      JSON.stringify(rows),
      receivedAt,
      SAME_ID_DAYS,
      [...KNOWN_BY_CODES],
      // A customer's number comes from Shopify's signature: that shopper has logged in.
      origin.names === "customer",
    ],
  )
  return result[0]?.added ?? 0
}
