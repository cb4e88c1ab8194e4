import type pg from "pg"
import type { MapDelta } from "./map-delta.ts"

/**
 * Adds a delta to the stored map and drops the edges that come to nothing. Histograms are added place by place.
 * Needs the shop's journey lock.
 */
export async function addToMap(client: pg.PoolClient, shopId: number, delta: MapDelta): Promise<void> {
  const [days, segments, froms, tos, counts, gaps]: [
    string[],
    string[],
    number[],
    number[],
    number[],
    string[],
  ] = [[], [], [], [], [], []]
  let takesAway = false
  // In the order of the primary key, which keeps the index's pages at hand.
  for (const [key, edges] of [...delta].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const space = key.indexOf(" ")
    for (const edge of [...edges.values()].sort((a, b) => a.from - b.from || a.to - b.to)) {
      // What was taken away and put back the same is no change.
      if (edge.count === 0 && edge.gaps.every((count) => count === 0)) continue
      takesAway ||= edge.count < 0
      days.push(key.slice(0, space))
      segments.push(key.slice(space + 1))
      froms.push(edge.from)
      tos.push(edge.to)
      counts.push(edge.count)
      gaps.push(`{${edge.gaps.join(",")}}`)
    }
  }
  if (days.length === 0) return
  await client.query(
    `INSERT INTO journey_map_edges AS e (shop_id, day, segment, from_step, to_step, transitions, gap_histogram)
     SELECT $1, day, segment, from_step, to_step, transitions, gaps::int[]
     FROM unnest($2::date[], $3::text[], $4::smallint[], $5::smallint[], $6::int[], $7::text[])
       AS t (day, segment, from_step, to_step, transitions, gaps)
     ON CONFLICT (shop_id, day, segment, from_step, to_step) DO UPDATE
     SET transitions = e.transitions + excluded.transitions,
         gap_histogram = CASE WHEN excluded.gap_histogram = '{}' THEN e.gap_histogram
           ELSE ARRAY(SELECT a + b FROM unnest(e.gap_histogram, excluded.gap_histogram) AS g (a, b)) END`,
    [shopId, days, segments, froms, tos, counts, gaps],
  )
  if (takesAway)
    await client.query(
      "DELETE FROM journey_map_edges WHERE shop_id = $1 AND day = ANY ($2::date[]) AND transitions = 0",
      [shopId, [...new Set(days)]],
    )
}
