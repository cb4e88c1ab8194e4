import type pg from "pg"
import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import type { PersonEvent } from "./baskets.ts"
import { learntMs } from "./learnt.ts"

/** Rows fetched at a time. */
const FETCH_ROWS = 10_000

const TYPE_BY_CODE = new Map<number, EventType>(EVENT_TYPES.map((type) => [EVENT_TYPE_CODES[type], type]))

type EventRow = {
  person_id: string
  type: number
  at_ms: number
  received_ms: number
  product_id: number | null
  price_cents: number | null
  quantity: number | null
  source: string | null
  order_ref: string | null
}

export type PersonHistory = { personId: string; events: PersonEvent[] }

/**
 * Each person's events, person after person, bots left out: joined shoppers are one person. Inside the caller's
 * transaction; memory stays flat however long the log.
 */
export async function* readPersons(client: pg.PoolClient, shopId: number): AsyncGenerator<PersonHistory> {
  // The whole answer is read: plan for that, not for the first rows.
  await client.query("SET LOCAL cursor_tuple_fraction = 1")
  await client.query(
    `DECLARE person_histories NO SCROLL CURSOR FOR
     SELECT coalesce(s.merged_into, s.shopper_id) AS person_id, e.type,
       (extract(epoch FROM e.at) * 1000)::float8 AS at_ms,
       (extract(epoch FROM e.received_at) * 1000)::float8 AS received_ms,
       e.product_id, e.price_cents, e.quantity, NULLIF(e.source, '') AS source,
       e.order_ref
     FROM events e JOIN shoppers s ON s.shop_id = e.shop_id AND s.shopper_id = e.shopper_id
     WHERE e.shop_id = $1 AND NOT s.bot
     ORDER BY person_id, e.at`,
    [shopId],
  )
  let person: PersonHistory | undefined
  for (;;) {
    const { rows } = await client.query<EventRow>(`FETCH ${FETCH_ROWS} FROM person_histories`)
    if (rows.length === 0) break
    for (const row of rows) {
      if (row.person_id !== person?.personId) {
        if (person?.events.length) yield person
        person = { personId: row.person_id, events: [] }
      }
      const type = TYPE_BY_CODE.get(row.type)
      // A type of a newer version, during a rolling upgrade: it is not in this one's vocabulary.
      if (type !== undefined) person.events.push(personEvent(row, type))
    }
  }
  if (person?.events.length) yield person
  await client.query("CLOSE person_histories")
}

function personEvent(row: EventRow, type: EventType): PersonEvent {
  const atMs = Math.round(row.at_ms)
  return {
    type,
    atMs,
    receivedMs: learntMs(atMs, Math.round(row.received_ms)),
    productId: row.product_id,
    priceCents: row.price_cents,
    quantity: row.quantity,
    source: row.source,
    orderRef: row.order_ref,
  }
}
