/**
 * Records → events. What followed from the records as they were and no longer does is taken away, what follows now is
 * added; both are pure functions of records, so the events themselves need not be read.
 */
import type pg from "pg"
import type { ShopKeys } from "../../shop/keys.server.ts"
import { EVENT_TYPE_CODES } from "../event.ts"
import { eventKey, eventKeyPrefix, uuidOf } from "../event-key.server.ts"
import { ensureEventPartitions, monthOf } from "../event-partitions.server.ts"
import { FIRST_EVENT_MS } from "../event-row.ts"
import type { HeldRecord, HeldRecords } from "./held-record.ts"
import { orderEvents, type RefundRecord } from "./order-events.ts"
import { checkoutEvents, customerEvents } from "./person-events.ts"
import type { RecordEvent } from "./record-event.ts"
import { type TouchedShoppers, touch } from "./touched-shoppers.ts"

export type OwnedEvent = { shopperId: string; event: RecordEvent }

/** What has to go and what has to come. An event that changed does both. */
export type EventDifference = { gone: OwnedEvent[]; fresh: OwnedEvent[] }

export function eventDifference(records: HeldRecords, receivedAt: Date): EventDifference {
  const refunds = refundsOf(records)
  const difference: EventDifference = { gone: [], fresh: [] }
  for (const record of records.values()) {
    const before = keyedEvents(eventsOf(record, "before", refunds), record.beforeShopper)
    const after = keyedEvents(eventsOf(record, "after", refunds), record.afterShopper)
    const isSame = (one: OwnedEvent | undefined, other: OwnedEvent) =>
      one?.shopperId === other.shopperId && JSON.stringify(one.event) === JSON.stringify(other.event)
    for (const [id, owned] of before) if (!isSame(after.get(id), owned)) difference.gone.push(owned)
    for (const [id, owned] of after)
      if (!isSame(before.get(id), owned) && canBe(owned.event, receivedAt)) difference.fresh.push(owned)
  }
  return difference
}

/** Partitions have bounds; the shop's messages are checked against its own clock (shop-time.ts). */
const MAX_AHEAD_MS = 2 * 86_400_000

function canBe({ atMs }: RecordEvent, receivedAt: Date): boolean {
  return atMs >= FIRST_EVENT_MS && atMs <= receivedAt.getTime() + MAX_AHEAD_MS
}

function keyedEvents(events: RecordEvent[], shopperId: string | null): Map<string, OwnedEvent> {
  return new Map(shopperId === null ? [] : events.map((event) => [event.id, { shopperId, event }]))
}

type RefundsOfOrders = Map<string, { before: RefundRecord[]; after: RefundRecord[] }>

function refundsOf(records: HeldRecords): RefundsOfOrders {
  const byOrder: RefundsOfOrders = new Map()
  for (const { kind, recordKey, before, after } of records.values()) {
    if (kind !== "refund" || after.parentKey === null) continue
    const refunds = byOrder.get(after.parentKey) ?? { before: [], after: [] }
    if (before) refunds.before.push({ recordKey, state: before })
    refunds.after.push({ recordKey, state: after })
    byOrder.set(after.parentKey, refunds)
  }
  return byOrder
}

function eventsOf(record: HeldRecord, when: "before" | "after", refunds: RefundsOfOrders): RecordEvent[] {
  const { kind, recordKey } = record
  switch (kind) {
    case "order":
      return orderEvents(recordKey, record[when], refunds.get(recordKey)?.[when] ?? [])
    case "customer":
      return customerEvents(recordKey, record[when])
    case "checkout":
      return checkoutEvents(recordKey, record[when])
    case "shop":
    case "product":
    case "collection":
    case "inventory_level":
    case "marketing_consent":
    case "cart":
    case "refund":
    case "fulfilment":
      return []
    default:
      return kind satisfies never
  }
}

/**
 * Writes the difference, and notes the shoppers whom it touches.
 * @param client one whose transaction has not touched the events yet
 */
export async function replaceEvents(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  { gone, fresh }: EventDifference,
  receivedAt: Date,
  touched: TouchedShoppers,
): Promise<void> {
  if (gone.length === 0 && fresh.length === 0) return
  await ensureEventPartitions(new Set(fresh.map(({ event }) => monthOf(event.atMs))), client)
  const products = await productsOf(client, shopId, fresh)
  const prefix = eventKeyPrefix(keys)
  // The shop's own ids make the key: the shopper's name has no part in it.
  const keyOf = (event: RecordEvent) => uuidOf(eventKey(prefix, { ...event, shopper: "" }, ""))
  for (const { shopperId, event } of [...gone, ...fresh]) touch(touched, shopperId, event.atMs)
  if (gone.length > 0)
    await client.query(
      `DELETE FROM events e USING unnest($2::bigint[], $3::float8[], $4::uuid[]) AS g (shopper_id, at_ms, event_key)
       WHERE e.shop_id = $1 AND e.shopper_id = g.shopper_id AND e.at = to_timestamp(g.at_ms / 1000)::timestamptz(3)
         AND e.event_key = g.event_key`,
      [
        shopId,
        gone.map(({ shopperId }) => shopperId),
        gone.map(({ event }) => event.atMs),
        gone.map(({ event }) => keyOf(event)),
      ],
    )
  const rows = fresh.map(({ shopperId, event }) => ({
    at: event.atMs,
    key: keyOf(event),
    shopper: shopperId,
    type: EVENT_TYPE_CODES[event.type],
    product: event.item === undefined ? null : products.get(event.item),
    price: event.priceCents,
    currency: event.currency,
    quantity: event.quantity,
    order_ref: event.order,
  }))
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id, price_cents, currency,
       quantity, order_ref)
     SELECT $1::int, to_timestamp(g.at / 1000.0)::timestamptz(3), g.key, $3::timestamptz, g.shopper, g.type, g.product,
       g.price, g.currency, g.quantity, g.order_ref
     FROM jsonb_to_recordset($2::jsonb) AS g (at bigint, key uuid, shopper bigint, type smallint, product int, price int,
       currency text, quantity int, order_ref text)
     ORDER BY g.shopper, g.at
     ON CONFLICT (shop_id, shopper_id, at, event_key) DO UPDATE SET type = excluded.type,
       product_id = excluded.product_id, price_cents = excluded.price_cents, currency = excluded.currency,
       quantity = excluded.quantity, order_ref = excluded.order_ref`,
    [shopId, JSON.stringify(rows), receivedAt],
  )
}

/** Products that orders name. One that the shop has told nothing of yet is there for its events, and for nothing else. */
async function productsOf(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  events: readonly OwnedEvent[],
): Promise<Map<string, number>> {
  const items = [...new Set(events.flatMap(({ event }) => event.item ?? []))].sort()
  if (items.length === 0) return new Map()
  const find = async () => {
    const { rows } = await client.query<{ external_id: string; product_id: number }>(
      "SELECT external_id, product_id FROM products WHERE shop_id = $1 AND external_id = ANY ($2::text[])",
      [shopId, items],
    )
    return new Map(rows.map((row) => [row.external_id, row.product_id]))
  }
  const known = await find()
  const missing = items.filter((item) => !known.has(item))
  if (missing.length === 0) return known
  await client.query(
    `INSERT INTO products (shop_id, external_id, available) SELECT $1::int, item, false FROM unnest($2::text[]) AS item
     ORDER BY item ON CONFLICT DO NOTHING`,
    [shopId, missing],
  )
  return find()
}
