import { randomUUID } from "node:crypto"
import { EVENT_TYPE_CODES, type EventType } from "../../app/capture/event.ts"
import { withShopSql } from "../../app/db.server.ts"

/** An event as a test writes it down. */
export type EventRow = {
  shopper: string
  type: EventType
  atMs: number
  product?: number | null
  priceCents?: number | null
  session?: string | null
  order?: string | null
  source?: string | null
}

/** Shoppers of the shop with nothing known about them. */
export async function makeShoppers(shopId: number, count: number): Promise<string[]> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ shopper_id: string }>(
      "INSERT INTO shoppers (shop_id) SELECT $1 FROM generate_series(1, $2::int) RETURNING shopper_id",
      [shopId, count],
    )
    return rows.map((row) => row.shopper_id)
  })
}

/** Writes events and marks their shoppers, as capture does, in one transaction. */
export async function insertEvents(shopId: number, events: readonly EventRow[]): Promise<void> {
  if (events.length === 0) return
  const column = <T>(pick: (event: EventRow) => T) => events.map(pick)
  await withShopSql(shopId, async (client) => {
    await client.query(
      "SELECT ensure_event_partitions(min(at), max(at)) FROM unnest($1::timestamptz[]) AS e (at)",
      [column((event) => new Date(event.atMs))],
    )
    await client.query(
      `INSERT INTO events (shop_id, at, event_key, shopper_id, type, product_id, price_cents, quantity, source_session,
         order_ref, source)
       SELECT $1, * FROM unnest($2::timestamptz[], $3::uuid[], $4::bigint[], $5::smallint[], $6::int[], $7::int[],
         $8::int[], $9::uuid[], $10::text[], $11::text[])`,
      [
        shopId,
        column((event) => new Date(event.atMs)),
        column(() => randomUUID()),
        column((event) => event.shopper),
        column((event) => EVENT_TYPE_CODES[event.type]),
        column((event) => event.product ?? null),
        column((event) => event.priceCents ?? null),
        column((event) => (event.priceCents == null ? null : 1)),
        column((event) => event.session ?? null),
        column((event) => event.order ?? null),
        column((event) => event.source ?? null),
      ],
    )
    await client.query(
      `INSERT INTO dirty_shoppers AS d (shop_id, shopper_id, since)
       SELECT $1, shopper_id, min(at) FROM unnest($2::bigint[], $3::timestamptz[]) AS e (shopper_id, at)
       GROUP BY shopper_id
       ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = LEAST(d.since, excluded.since)`,
      [shopId, column((event) => event.shopper), column((event) => new Date(event.atMs))],
    )
  })
}
