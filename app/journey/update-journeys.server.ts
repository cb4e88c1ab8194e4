/**
 * Keeps visits, journeys, standings and the journey map up to date with the events. Capture marks the shoppers whose
 * events changed (dirty_shoppers); each batch of them is joined and counted anew in one transaction, and the map
 * changes by what was taken away and what was added. Every step depends on the events alone, not on the order or the
 * batches in which they came: so the state always equals that of a count from the beginning.
 */
import type pg from "pg"
import { AGEING_INTERVAL_MS, ageJourneys } from "./age-journeys.server.ts"
import {
  type DirtyShopper,
  joinShoppers,
  type Move,
  markKnown,
  rememberLinks,
} from "./join-shoppers.server.ts"
import { withJourneyLock } from "./journey-lock.server.ts"
import { type JourneyState, journeyState, setBgNbd } from "./journey-state.server.ts"
import type { MapDelta } from "./map-delta.ts"
import { addToMap } from "./map-rows.server.ts"
import type { BgNbdParameters } from "./p-alive.ts"
import { recountPersons } from "./recount-persons.server.ts"
import { epochMs } from "./session-rows.server.ts"

/** Shoppers counted in one transaction: few enough to be short, many enough for set-based work. */
const BATCH_SHOPPERS = 8_000

export type UpdateOptions = {
  /** The present. */
  asOf: Date
  /** The shop's BG/NBD fit, in days; null for none; left out, the one given last holds. */
  bgnbd?: BgNbdParameters | null
  onProgress?: (progress: { shoppersDone: number; shoppersTotal: number }) => void
}

export type UpdateResult = {
  shoppers: number
  /** Shoppers who from now on count with another person. */
  moved: number
}

/** Safe to run from several processes at once, and to stop at any time: what is not done stays marked. */
export async function updateJourneys(shopId: number, options: UpdateOptions): Promise<UpdateResult> {
  const { asOf, bgnbd, onProgress } = options
  const state = await withJourneyLock(shopId, async (client) => {
    if (bgnbd !== undefined) await setBgNbd(client, shopId, bgnbd)
    return journeyState(client, shopId)
  })
  const result: UpdateResult = { shoppers: 0, moved: 0 }
  for (;;) {
    const batch = await withJourneyLock(shopId, (client) => updateBatch(client, shopId, asOf))
    if (batch.shoppers === 0) break
    result.shoppers += batch.shoppers
    result.moved += batch.moved
    onProgress?.({ shoppersDone: result.shoppers, shoppersTotal: result.shoppers + batch.waiting })
  }
  if (needsAgeing(state, asOf)) await ageJourneys(shopId, { asOf })
  return result
}

function needsAgeing(state: JourneyState, asOf: Date): boolean {
  return state.agedMs === null || asOf.getTime() - state.agedMs >= AGEING_INTERVAL_MS
}

async function updateBatch(
  client: pg.PoolClient,
  shopId: number,
  asOf: Date,
): Promise<UpdateResult & { waiting: number }> {
  const dirty = await lockDirtyShoppers(client, shopId)
  if (dirty.length === 0) return { shoppers: 0, moved: 0, waiting: 0 }
  await rememberLinks(client, shopId, dirty)
  await markKnown(client, shopId, dirty)
  const shopperIds = dirty.map((row) => row.shopperId)
  const moves = await joinShoppers(client, shopId, shopperIds)
  const sinceByPerson = await concernedPersons(client, shopId, dirty, moves)
  const delta: MapDelta = new Map()
  const { bgnbd } = await journeyState(client, shopId)
  await recountPersons(client, shopId, sinceByPerson, { asOfMs: asOf.getTime(), bgnbd }, delta)
  await addToMap(client, shopId, delta)
  const { rows } = await client.query<{ waiting: number }>(
    `WITH done AS (
       DELETE FROM dirty_shoppers WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[]) RETURNING 1
     )
     SELECT (SELECT count(*) FROM dirty_shoppers WHERE shop_id = $1)::int - (SELECT count(*) FROM done)::int AS waiting`,
    [shopId, shopperIds],
  )
  return { shoppers: dirty.length, moved: moves.length, waiting: Math.max(0, rows[0]?.waiting ?? 0) }
}

/** Those that a capture is writing at this moment are left for later: their marks are not complete yet. */
async function lockDirtyShoppers(client: pg.PoolClient, shopId: number): Promise<DirtyShopper[]> {
  const { rows } = await client.query<{ shopper_id: string; since_ms: number }>(
    `SELECT d.shopper_id, GREATEST(0, ${epochMs("d.since")}) AS since_ms
     FROM dirty_shoppers d WHERE d.shop_id = $1 ORDER BY d.shopper_id LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [shopId, BATCH_SHOPPERS],
  )
  return rows.map((row) => ({ shopperId: row.shopper_id, sinceMs: row.since_ms }))
}

/** Who has to be counted anew, and from when: a person whose shoppers moved, from the beginning. */
async function concernedPersons(
  client: pg.PoolClient,
  shopId: number,
  dirty: readonly DirtyShopper[],
  moves: readonly Move[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ shopper_id: string; person_id: string; counted_alone: boolean }>(
    `SELECT s.shopper_id, COALESCE(s.merged_into, s.shopper_id) AS person_id,
       s.merged_into IS NOT NULL AND EXISTS (
         SELECT FROM sessions v WHERE v.shop_id = $1 AND v.shopper_id = s.shopper_id) AS counted_alone
     FROM shoppers s WHERE s.shop_id = $1 AND s.shopper_id = ANY ($2::bigint[])`,
    [shopId, dirty.map((row) => row.shopperId)],
  )
  const byShopper = new Map(rows.map((row) => [row.shopper_id, row]))
  const since = new Map<string, number>()
  const mark = (personId: string, sinceMs: number) =>
    since.set(personId, Math.min(sinceMs, since.get(personId) ?? Number.POSITIVE_INFINITY))
  for (const { shopperId, sinceMs } of dirty) {
    const row = byShopper.get(shopperId)
    mark(row?.person_id ?? shopperId, row?.counted_alone ? 0 : sinceMs)
    // Visits counted under the shopper's own number before they were merged by name.
    if (row?.counted_alone) mark(shopperId, 0)
  }
  for (const move of moves) for (const personId of [move.fromPerson, move.toPerson]) mark(personId, 0)
  return since
}
