import type pg from "pg"
import type { Lifecycle } from "./lifecycle.ts"
import type { CountedVisit } from "./map-delta.ts"
import { pathOf } from "./map-edges.ts"
import type { VisitLabels } from "./person-visits.ts"
import type { Session } from "./sessions.ts"

/** A visit as stored. */
export type SessionRow = { personId: string; session: Session; labels: VisitLabels }

/** A visit that stays, as far as later ones depend on it. */
export type KeptVisit = Pick<
  Session,
  | "startedMs"
  | "endedMs"
  | "source"
  | "automated"
  | "stages"
  | "furthestStage"
  | "purchasedMs"
  | "revenueCents"
> & { personId: string; labels: VisitLabels }

type LabelColumns = {
  person_id: string
  started_ms: number
  return_visit: boolean
  known: boolean
  lifecycle: Lifecycle | null
  bot: boolean
  channel: string
}

const LABEL_COLUMNS = `s.shopper_id AS person_id, ${epochMs("s.started_at")} AS started_ms, s.return_visit, s.known,
  s.lifecycle, s.bot, s.channel`

function labelsOf(row: LabelColumns): VisitLabels {
  const { return_visit: returning, known, lifecycle, bot, channel } = row
  return { returning, known, lifecycle, bot, channel }
}

/** SQL for epoch milliseconds of a timestamptz, as a double, which holds them exactly. */
export function epochMs(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`
}

/** Takes the persons' visits from their cut on out of the table, and returns what they counted as. */
export async function takeSessions(
  client: pg.PoolClient,
  shopId: number,
  personIds: readonly string[],
  cutsMs: readonly number[],
): Promise<CountedVisit[]> {
  const { rows } = await client.query<LabelColumns & { steps: number[]; gap_seconds: number[] }>(
    `DELETE FROM sessions s USING unnest($2::bigint[], $3::float8[]) AS p (person_id, cut_ms)
     WHERE s.shop_id = $1 AND s.shopper_id = p.person_id AND s.started_at >= to_timestamp(p.cut_ms / 1000)
     RETURNING ${LABEL_COLUMNS}, s.steps, s.gap_seconds`,
    [shopId, personIds, cutsMs],
  )
  return rows.map((row) => ({
    startedMs: row.started_ms,
    steps: row.steps,
    gapSeconds: row.gap_seconds,
    ...labelsOf(row),
  }))
}

/** The persons' visits that are in the table, by person, in order of time. */
export async function readKeptVisits(
  client: pg.PoolClient,
  shopId: number,
  personIds: readonly string[],
): Promise<Map<string, KeptVisit[]>> {
  const { rows } = await client.query<
    LabelColumns & {
      ended_ms: number
      source: string | null
      automated: boolean
      stages: number
      furthest_stage: number
      purchased_ms: number | null
      revenue_cents: string
    }
  >(
    `SELECT ${LABEL_COLUMNS}, ${epochMs("s.ended_at")} AS ended_ms, s.source, s.automated, s.stages, s.furthest_stage,
       ${epochMs("s.purchased_at")} AS purchased_ms, s.revenue_cents
     FROM sessions s WHERE s.shop_id = $1 AND s.shopper_id = ANY ($2::bigint[]) ORDER BY s.shopper_id, s.started_at`,
    [shopId, personIds],
  )
  const visits = new Map<string, KeptVisit[]>()
  for (const row of rows) {
    const visit: KeptVisit = {
      personId: row.person_id,
      startedMs: row.started_ms,
      endedMs: row.ended_ms,
      source: row.source,
      automated: row.automated,
      stages: row.stages,
      furthestStage: row.furthest_stage,
      purchasedMs: row.purchased_ms,
      revenueCents: Number(row.revenue_cents),
      labels: labelsOf(row),
    }
    const own = visits.get(row.person_id)
    if (own === undefined) visits.set(row.person_id, [visit])
    else own.push(visit)
  }
  return visits
}

const arrayLiteral = (values: readonly number[]) => `{${values.join(",")}}`

export async function insertSessions(
  client: pg.PoolClient,
  shopId: number,
  rows: readonly SessionRow[],
): Promise<void> {
  const column = <T>(pick: (row: SessionRow) => T) => rows.map(pick)
  await client.query(
    `INSERT INTO sessions (shop_id, shopper_id, started_at, ended_at, source, channel, return_visit, known, lifecycle,
       bot, automated, events, steps, gap_seconds, path, stages, furthest_stage, purchased_at, orders, revenue_cents)
     SELECT $1, shopper_id, to_timestamp(started_ms / 1000), to_timestamp(ended_ms / 1000), source, channel, return_visit,
       known, lifecycle, bot, automated, events, steps::smallint[], gap_seconds::int[], path::smallint[], stages,
       furthest_stage, to_timestamp(purchased_ms / 1000), orders, revenue_cents
     FROM unnest($2::bigint[], $3::float8[], $4::float8[], $5::text[], $6::text[], $7::boolean[], $8::boolean[],
       $9::text[], $10::boolean[], $11::boolean[], $12::int[], $13::text[], $14::text[], $15::text[],
       $16::smallint[], $17::smallint[], $18::float8[], $19::int[], $20::bigint[])
       AS t (shopper_id, started_ms, ended_ms, source, channel, return_visit, known, lifecycle, bot, automated, events,
         steps, gap_seconds, path, stages, furthest_stage, purchased_ms, orders, revenue_cents)`,
    [
      shopId,
      column((row) => row.personId),
      column((row) => row.session.startedMs),
      column((row) => row.session.endedMs),
      column((row) => row.session.source),
      column((row) => row.labels.channel),
      column((row) => row.labels.returning),
      column((row) => row.labels.known),
      column((row) => row.labels.lifecycle),
      column((row) => row.labels.bot),
      column((row) => row.session.automated),
      column((row) => row.session.events),
      column((row) => arrayLiteral(row.session.steps)),
      column((row) => arrayLiteral(row.session.gapSeconds)),
      column((row) => arrayLiteral(pathOf(row.session.steps))),
      column((row) => row.session.stages),
      column((row) => row.session.furthestStage),
      column((row) => row.session.purchasedMs),
      column((row) => row.session.orders),
      column((row) => row.session.revenueCents),
    ],
  )
}
