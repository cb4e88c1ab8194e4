import { withShopSql } from "../../app/db.server.ts"
import type { JourneyTables } from "./journey-oracle.ts"

/** The shop's journey tables in the oracle's form; of a large shop without the map, which has many edges. */
export async function storedTables(shopId: number, { withMap = true } = {}): Promise<JourneyTables> {
  return withShopSql(shopId, async (client) => {
    const read = async (sql: string) => {
      const { rows } = await client.query<{ row: unknown[] }>(sql, [shopId])
      return rows.map(({ row }) => JSON.stringify(row)).sort()
    }
    const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`
    return {
      people: await read(
        `SELECT jsonb_build_array(shopper_id::text, known, merged_into::text, bot, lifecycle) AS row
         FROM shoppers WHERE shop_id = $1`,
      ),
      sessions: await read(
        `SELECT jsonb_build_array(shopper_id::text, ${ms("started_at")}, ${ms("ended_at")}, to_jsonb(steps),
           to_jsonb(gap_seconds), stages, ${ms("purchased_at")}, orders, revenue_cents, return_visit, known, lifecycle,
           bot, channel) AS row
         FROM sessions WHERE shop_id = $1`,
      ),
      journeys: await read(
        `SELECT jsonb_build_array(shopper_id::text, ${ms("started_at")}, ${ms("ended_at")}, sessions, furthest_stage,
           outcome, revenue_cents) AS row
         FROM journeys WHERE shop_id = $1`,
      ),
      edges: await read(
        `SELECT jsonb_build_array(day || ' ' || segment, from_step, to_step, transitions, to_jsonb(gap_histogram)) AS row
         FROM journey_map_edges WHERE shop_id = $1 AND ${withMap}`,
      ),
    }
  })
}
