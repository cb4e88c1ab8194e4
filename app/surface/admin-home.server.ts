import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import {
  type AdminHome,
  asideByReason,
  type DayOfDecisions,
  type FallbackCount,
  type ImportState,
  type LiveModelCard,
  liveModelCard,
  MINIMUMS,
  RECENT_DAYS,
  type ReadinessCheck,
} from "./admin-home.ts"
import { readHistory } from "./shop-history.server.ts"

const DAY_MS = 86_400_000
const LATEST_IMPORTS = 5

/** Everything that the admin's home page shows, read in one transaction that sees this shop alone. */
export async function readAdminHome(shopId: number, { asOf }: { asOf: Date }): Promise<AdminHome> {
  return withShopSql(shopId, async (client) => ({
    asOfMs: asOf.getTime(),
    history: await readHistory(client, shopId, asOf),
    imports: await readImports(client, shopId),
    products: await countProducts(client),
    model: await readLiveModel(client),
    today: await readDecisions(client, asOf),
    fallbacks: await readFallbacks(client, asOf),
    readiness: await readReadiness(client, asOf),
  }))
}

/** Of files; a shop's history has a place of its own. */
async function readImports(client: pg.PoolClient, shopId: number): Promise<ImportState[]> {
  const { rows } = await client.query<{
    import_id: string
    kind: ImportState["kind"]
    state: ImportState["state"]
    rows_read: string
    rows_added: string
    rows_known: string
    rows_aside: unknown
    message: string | null
    started_at: Date
    finished_at: Date | null
  }>(
    `SELECT import_id, kind, state, rows_read, rows_added, rows_known, rows_aside, message, started_at, finished_at
     FROM import_runs WHERE shop_id = $1 AND kind IN ('events', 'items')
     ORDER BY started_at DESC, import_id LIMIT ${LATEST_IMPORTS}`,
    [shopId],
  )
  return rows.map((row) => ({
    importId: row.import_id,
    kind: row.kind,
    state: row.state,
    rowsRead: Number(row.rows_read),
    rowsAdded: Number(row.rows_added),
    rowsKnown: Number(row.rows_known),
    aside: asideByReason(row.rows_aside),
    message: row.message,
    startedAtMs: row.started_at.getTime(),
    finishedAtMs: row.finished_at?.getTime() ?? null,
  }))
}

async function countProducts(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ count: number }>("SELECT count(*)::int AS count FROM products")
  return rows[0]?.count ?? 0
}

async function readLiveModel(client: pg.PoolClient): Promise<LiveModelCard | null> {
  const { rows } = await client.query<{ version: string; published_at: Date; manifest: unknown }>(
    `SELECT version, published_at, manifest FROM models
     WHERE state = 'live' AND published_at IS NOT NULL ORDER BY published_at DESC LIMIT 1`,
  )
  const [row] = rows
  return row ? liveModelCard(row.version, row.published_at, row.manifest) : null
}

async function readDecisions(client: pg.PoolClient, asOf: Date): Promise<DayOfDecisions> {
  const { rows } = await client.query<{ served_by: string; total: number; withheld: number }>(
    `SELECT served_by, count(*)::int AS total, count(*) FILTER (WHERE outcome = 'withheld')::int AS withheld
     FROM decisions WHERE at >= $1 AND at <= $2 GROUP BY served_by ORDER BY total DESC, served_by`,
    [startOfDay(asOf), asOf],
  )
  const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + pick(row), 0)
  return {
    total: sum((row) => row.total),
    withheld: sum((row) => row.withheld),
    servedBy: rows
      .map((row) => ({ name: row.served_by, count: row.total - row.withheld }))
      .filter((row) => row.count > 0),
  }
}

const FALLBACK_PREFIX = "fallback:"

async function readFallbacks(client: pg.PoolClient, asOf: Date): Promise<FallbackCount[]> {
  const { rows } = await client.query<{ reason: string; today: number; last_week: number }>(
    `SELECT substr(name, ${FALLBACK_PREFIX.length + 1}) AS reason,
       coalesce(sum(count) FILTER (WHERE day = $1::date), 0)::int AS today, sum(count)::int AS last_week
     FROM counters WHERE starts_with(name, '${FALLBACK_PREFIX}') AND day > $1::date - 7 AND day <= $1::date
     GROUP BY name ORDER BY today DESC, last_week DESC, name`,
    [isoDay(asOf)],
  )
  return rows.map((row) => ({ reason: row.reason, today: row.today, lastWeek: row.last_week }))
}

/** Counts stop at the minimum: enough to say "ready", whatever the size of the shop. */
async function readReadiness(client: pg.PoolClient, asOf: Date): Promise<ReadinessCheck[]> {
  const since = new Date(asOf.getTime() - RECENT_DAYS * DAY_MS)
  const { rows } = await client.query<Record<ReadinessCheck["name"], number>>(
    `SELECT
      (SELECT count(*) FROM (SELECT FROM events WHERE at > $1 AND at <= $2 LIMIT ${MINIMUMS.recent_events}) e)::int AS recent_events,
      (SELECT count(*) FROM (SELECT DISTINCT shopper_id FROM journeys WHERE outcome = 'purchased' LIMIT ${MINIMUMS.buyers}) b)::int AS buyers,
      coalesce((SELECT extract(epoch FROM max(at) - min(at)) / 86400 FROM events), 0)::int AS history_days,
      (SELECT count(*) FROM (SELECT FROM journeys WHERE outcome = 'purchased' AND ended_at > $1 AND ended_at <= $2 LIMIT ${MINIMUMS.recent_orders}) o)::int AS recent_orders,
      (SELECT count(*) FROM (SELECT FROM journeys WHERE outcome = 'purchased' GROUP BY shopper_id HAVING count(*) >= 3 LIMIT ${MINIMUMS.repeat_buyers}) r)::int AS repeat_buyers`,
    [since, asOf],
  )
  const [have] = rows
  const check = (name: ReadinessCheck["name"], capped: boolean): ReadinessCheck => ({
    name,
    have: have?.[name] ?? 0,
    need: MINIMUMS[name],
    capped,
  })
  return [
    check("recent_events", true),
    check("buyers", true),
    check("history_days", false),
    check("recent_orders", true),
    check("repeat_buyers", true),
  ]
}

const isoDay = (at: Date): string => at.toISOString().slice(0, 10)

const startOfDay = (at: Date): Date => new Date(`${isoDay(at)}T00:00:00Z`)
