import type pg from "pg"
import { epochMs } from "./session-rows.server.ts"
import type { JourneyEvent } from "./sessions.ts"

/** Rows fetched at a time: keeps memory flat however long the history. */
const FETCH_ROWS = 10_000

export type PersonWithCut = {
  personId: string
  /** The shoppers who are this person: none if they were joined to another. */
  shopperIds: string[]
  known: boolean
  /** Epoch milliseconds: events from here on are read. */
  cutMs: number
}

type EventRow = {
  person_id: string
  type: number
  at_ms: number
  product_id: number | null
  source: string | null
  source_session: string | null
  order_ref: string | null
  amount_cents: number | null
}

/** Each person's events from their cut on, in order of time; persons without such events are passed over. */
export async function* readPersonEvents(
  client: pg.PoolClient,
  shopId: number,
  persons: readonly PersonWithCut[],
): AsyncGenerator<{ personId: string; events: JourneyEvent[] }> {
  const rows = persons.flatMap((person) => person.shopperIds.map((shopperId) => ({ shopperId, person })))
  // The whole answer is read: plan for that, not for the first rows.
  await client.query("SET LOCAL cursor_tuple_fraction = 1")
  await client.query(
    `DECLARE person_events NO SCROLL CURSOR FOR
     SELECT p.person_id, e.type, ${epochMs("e.at")} AS at_ms, e.product_id, NULLIF(e.source, '') AS source,
       e.source_session, e.order_ref, (e.price_cents::float8 * COALESCE(e.quantity, 1)) AS amount_cents
     FROM unnest($2::bigint[], $3::bigint[], $4::float8[]) AS p (person_id, shopper_id, cut_ms)
     JOIN events e ON e.shop_id = $1 AND e.shopper_id = p.shopper_id AND e.at >= to_timestamp(p.cut_ms / 1000)
     ORDER BY p.person_id, e.at, e.type, e.event_key`,
    [
      shopId,
      rows.map((row) => row.person.personId),
      rows.map((row) => row.shopperId),
      rows.map((row) => row.person.cutMs),
    ],
  )
  let current: { personId: string; events: JourneyEvent[] } | undefined
  for (;;) {
    const { rows: fetched } = await client.query<EventRow>(`FETCH ${FETCH_ROWS} FROM person_events`)
    if (fetched.length === 0) break
    for (const row of fetched) {
      if (current?.personId !== row.person_id) {
        if (current !== undefined) yield current
        current = { personId: row.person_id, events: [] }
      }
      current.events.push({
        type: row.type,
        atMs: row.at_ms,
        productId: row.product_id,
        source: row.source,
        sourceSession: row.source_session,
        orderRef: row.order_ref,
        amountCents: row.amount_cents ?? 0,
      })
    }
  }
  if (current !== undefined) yield current
  await client.query("CLOSE person_events")
}
