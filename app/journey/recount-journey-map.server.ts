import type pg from "pg"
import { withJourneyLock } from "./journey-lock.server.ts"
import { markAllDirty } from "./journey-state.server.ts"
import type { Lifecycle } from "./lifecycle.ts"
import { countVisit, type MapDelta } from "./map-delta.ts"
import { addToMap } from "./map-rows.server.ts"
import { epochMs } from "./session-rows.server.ts"
import { type UpdateOptions, updateJourneys } from "./update-journeys.server.ts"

const FETCH_ROWS = 5_000
/** Days of a delta held in memory before it is written. */
const FLUSH_KEYS = 2_000

/**
 * Counts everything again from the events, then the map again from the visits. Readers see the old map until the
 * new one is whole. Nothing changes where the map was right.
 * @returns how many edges were wrong
 */
export async function recountJourneyMap(
  shopId: number,
  options: UpdateOptions,
): Promise<{ wrongEdges: number }> {
  await withJourneyLock(shopId, (client) => markAllDirty(client, shopId))
  await updateJourneys(shopId, options)
  return withJourneyLock(shopId, (client) => rebuildMap(client, shopId))
}

async function rebuildMap(client: pg.PoolClient, shopId: number): Promise<{ wrongEdges: number }> {
  await client.query(
    `CREATE TEMP TABLE journey_map_before ON COMMIT DROP AS
     SELECT day, segment, from_step, to_step, transitions, gap_histogram FROM journey_map_edges WHERE shop_id = $1`,
    [shopId],
  )
  await client.query("DELETE FROM journey_map_edges WHERE shop_id = $1", [shopId])
  await client.query(
    `DECLARE counted_visits NO SCROLL CURSOR FOR
     SELECT ${epochMs("started_at")} AS started_ms, steps, gap_seconds, return_visit, known, lifecycle, channel, bot
     FROM sessions WHERE shop_id = $1 AND NOT bot ORDER BY started_at`,
    [shopId],
  )
  let delta: MapDelta = new Map()
  for (;;) {
    const { rows } = await client.query<{
      started_ms: number
      steps: number[]
      gap_seconds: number[]
      return_visit: boolean
      known: boolean
      lifecycle: Lifecycle | null
      channel: string
      bot: boolean
    }>(`FETCH ${FETCH_ROWS} FROM counted_visits`)
    for (const row of rows)
      countVisit(
        delta,
        { ...row, startedMs: row.started_ms, gapSeconds: row.gap_seconds, returning: row.return_visit },
        1,
      )
    if (rows.length === 0 || delta.size >= FLUSH_KEYS) {
      await addToMap(client, shopId, delta)
      delta = new Map()
    }
    if (rows.length === 0) break
  }
  const { rows } = await client.query<{ wrong: number }>(
    `SELECT count(*)::int AS wrong FROM journey_map_before b
     FULL JOIN (SELECT * FROM journey_map_edges WHERE shop_id = $1) n USING (day, segment, from_step, to_step)
     WHERE (b.transitions, b.gap_histogram) IS DISTINCT FROM (n.transitions, n.gap_histogram)`,
    [shopId],
  )
  return { wrongEdges: rows[0]?.wrong ?? 0 }
}
