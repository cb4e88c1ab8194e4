import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { buildJourneyMap, type JourneyMap, type MapCounts, type MapQuery, MOST_PATHS } from "./build-map.ts"
import { GAP_BUCKETS } from "./gap-histogram.ts"
import { type EdgeMap, edgeKey } from "./map-edges.ts"
import { makePortionCounter } from "./map-portion.ts"
import type { Segment } from "./segments.ts"
import { STAGES } from "./stages.ts"

const FETCH_ROWS = 5_000

/**
 * The shop's journey map of a period and segment. Without a start or end step its edges come from the counts kept by
 * day; with one they are counted from the visits that pass it.
 */
export async function readJourneyMap(shopId: number, query: MapQuery): Promise<JourneyMap> {
  return withShopSql(shopId, async (client) => {
    const counts =
      query.start === null && query.end === null
        ? await wholeVisits(client, shopId, query)
        : await portions(client, shopId, query)
    return buildJourneyMap(query, counts)
  })
}

/** SQL for "in the period and the segment, and no bot" over `sessions`, with $1 shop, $2 from, $3 to, $4 value. */
function visitFilter(segment: Segment): { where: string; value: string } {
  const [kind, ...rest] = segment.split(":")
  const value = rest.join(":")
  const period = `shop_id = $1 AND NOT bot AND started_at >= $2::date::timestamp AT TIME ZONE 'UTC'
    AND started_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'`
  switch (kind) {
    case "visitors":
      return { where: `${period} AND return_visit = ($4::text = 'returning')`, value }
    case "identity":
      return { where: `${period} AND known = ($4::text = 'known')`, value }
    case "lifecycle":
      return { where: `${period} AND COALESCE(lifecycle, 'prospect') = $4::text`, value }
    case "source":
      return { where: `${period} AND channel = $4::text`, value }
    default:
      return { where: `${period} AND $4::text = ''`, value: "" }
  }
}

async function wholeVisits(client: pg.PoolClient, shopId: number, query: MapQuery): Promise<MapCounts> {
  const { where, value } = visitFilter(query.segment)
  const given = [shopId, query.from, query.to, value]
  const { rows: masks } = await client.query<{ stages: number; visits: number }>(
    `SELECT stages, count(*)::int AS visits FROM sessions WHERE ${where} GROUP BY stages`,
    given,
  )
  const { rows: totals } = await client.query<{
    people: number
    purchases: number
    revenue_cents: string
    by_stage: number[]
  }>(
    `SELECT count(DISTINCT shopper_id)::int AS people, count(purchased_at)::int AS purchases,
       COALESCE(sum(revenue_cents), 0) AS revenue_cents,
       ARRAY[${STAGES.map((_, bit) => `count(DISTINCT shopper_id) FILTER (WHERE stages & ${1 << bit} <> 0)`).join(", ")}]::int[]
         AS by_stage
     FROM sessions WHERE ${where}`,
    given,
  )
  const { rows: paths } = await client.query<{ steps: number[]; visits: number; purchases: number }>(
    `SELECT path AS steps, count(*)::int AS visits, count(purchased_at)::int AS purchases
     FROM sessions WHERE ${where} GROUP BY path ORDER BY visits DESC, path LIMIT ${MOST_PATHS}`,
    given,
  )
  return {
    edges: await keptEdges(client, shopId, query),
    visitsByStages: new Map(masks.map((row) => [row.stages, row.visits])),
    people: totals[0]?.people ?? 0,
    peopleByStage: totals[0]?.by_stage ?? [],
    purchases: totals[0]?.purchases ?? 0,
    revenueCents: Number(totals[0]?.revenue_cents ?? 0),
    paths,
  }
}

async function keptEdges(
  client: pg.PoolClient,
  shopId: number,
  { from, to, segment }: MapQuery,
): Promise<EdgeMap> {
  // Every visit is of a new or of a returning shopper: together they are all.
  const segments = segment === "all" ? ["visitors:new", "visitors:returning"] : [segment]
  const { rows } = await client.query<{
    from_step: number
    to_step: number
    count: number
    buckets: number[]
    counts: number[]
  }>(
    `WITH period AS MATERIALIZED (
       SELECT from_step, to_step, transitions, gap_histogram FROM journey_map_edges
       WHERE shop_id = $1 AND day BETWEEN $2::date AND $3::date AND segment = ANY ($4::text[])
     ), gaps AS (
       SELECT from_step, to_step, array_agg(place - 1) AS buckets, array_agg(total) AS counts FROM (
         SELECT from_step, to_step, place::int, sum(count)::int AS total
         FROM period CROSS JOIN LATERAL unnest(gap_histogram) WITH ORDINALITY AS g (count, place)
         WHERE count <> 0 GROUP BY from_step, to_step, place) added
       GROUP BY from_step, to_step
     ), edges AS (
       SELECT from_step, to_step, sum(transitions)::int AS count FROM period GROUP BY from_step, to_step
     )
     SELECT from_step, to_step, count, COALESCE(buckets, '{}') AS buckets, COALESCE(counts, '{}') AS counts
     FROM edges LEFT JOIN gaps USING (from_step, to_step)`,
    [shopId, from, to, segments],
  )
  const edges: EdgeMap = new Map()
  for (const { from_step, to_step, count, buckets, counts } of rows) {
    const gaps = new Array<number>(buckets.length === 0 ? 0 : GAP_BUCKETS).fill(0)
    for (const [index, bucket] of buckets.entries()) gaps[bucket] = counts[index] ?? 0
    edges.set(edgeKey(from_step, to_step), { from: from_step, to: to_step, count, gaps })
  }
  return edges
}

async function portions(client: pg.PoolClient, shopId: number, query: MapQuery): Promise<MapCounts> {
  const { where, value } = visitFilter(query.segment)
  const counter = makePortionCounter(query.start, query.end)
  await client.query(
    `DECLARE passing_visits NO SCROLL CURSOR FOR
     SELECT shopper_id AS "personId", steps, gap_seconds AS "gapSeconds", purchased_at IS NOT NULL AS purchased,
       revenue_cents::float8 AS "revenueCents"
     FROM sessions WHERE ${where} ORDER BY shopper_id`,
    [shopId, query.from, query.to, value],
  )
  for (;;) {
    const { rows } = await client.query<Parameters<typeof counter.add>[0]>(
      `FETCH ${FETCH_ROWS} FROM passing_visits`,
    )
    if (rows.length === 0) break
    for (const row of rows) counter.add(row)
  }
  return counter.counts()
}

/** Channels that the shop's visits came by, most used first: the choices of the segment `source:…`. */
export async function readChannels(
  shopId: number,
  { from, to }: { from: string; to: string },
): Promise<string[]> {
  return withShopSql(shopId, async (client) => {
    const { where, value } = visitFilter("all")
    const { rows } = await client.query<{ channel: string }>(
      `SELECT channel FROM sessions WHERE ${where} GROUP BY channel ORDER BY count(*) DESC, channel LIMIT 20`,
      [shopId, from, to, value],
    )
    return rows.map((row) => row.channel)
  })
}

/** First and last day of the shop's visits; null where it has none. */
export async function readMapDays(shopId: number): Promise<{ from: string; to: string } | null> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ from: string | null; to: string | null }>(
      `SELECT to_char(min(started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "from",
         to_char(max(started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "to" FROM sessions WHERE shop_id = $1`,
      [shopId],
    )
    const [row] = rows
    return row?.from && row.to ? { from: row.from, to: row.to } : null
  })
}
