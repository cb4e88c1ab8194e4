import type pg from "pg"
import type { Journey } from "./journeys.ts"
import type { Lifecycle } from "./lifecycle.ts"

export type JourneyRow = { personId: string; journey: Journey }

/** Puts these journeys in the place of all that the persons had. */
export async function replaceJourneys(
  client: pg.PoolClient,
  shopId: number,
  personIds: readonly string[],
  rows: readonly JourneyRow[],
): Promise<void> {
  await client.query("DELETE FROM journeys WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])", [
    shopId,
    personIds,
  ])
  const column = <T>(pick: (row: JourneyRow) => T) => rows.map(pick)
  await client.query(
    `INSERT INTO journeys (shop_id, shopper_id, started_at, ended_at, sessions, furthest_stage, outcome, revenue_cents)
     SELECT $1, shopper_id, to_timestamp(started_ms / 1000), to_timestamp(ended_ms / 1000), sessions, furthest_stage,
       outcome, revenue_cents
     FROM unnest($2::bigint[], $3::float8[], $4::float8[], $5::int[], $6::smallint[], $7::text[], $8::bigint[])
       AS t (shopper_id, started_ms, ended_ms, sessions, furthest_stage, outcome, revenue_cents)`,
    [
      shopId,
      column((row) => row.personId),
      column((row) => row.journey.startedMs),
      column((row) => row.journey.endedMs),
      column((row) => row.journey.sessions),
      column((row) => row.journey.furthestStage),
      column((row) => row.journey.outcome),
      column((row) => row.journey.revenueCents),
    ],
  )
}

export type Standing = { personId: string; bot: boolean; lifecycle: Lifecycle | null }

/** Writes what each person is now; browsers joined to a bot are marked with it. */
export async function writeStandings(
  client: pg.PoolClient,
  shopId: number,
  standings: readonly Standing[],
): Promise<void> {
  await client.query(
    `UPDATE shoppers s SET bot = p.bot, lifecycle = CASE WHEN s.shopper_id = p.person_id THEN p.lifecycle END
     FROM unnest($2::bigint[], $3::boolean[], $4::text[]) AS p (person_id, bot, lifecycle)
     WHERE s.shop_id = $1 AND (s.shopper_id = p.person_id AND s.merged_into IS NULL OR s.merged_into = p.person_id)
       AND (s.bot, s.lifecycle) IS DISTINCT FROM (p.bot, CASE WHEN s.shopper_id = p.person_id THEN p.lifecycle END)`,
    [
      shopId,
      standings.map((row) => row.personId),
      standings.map((row) => row.bot),
      standings.map((row) => row.lifecycle),
    ],
  )
}
