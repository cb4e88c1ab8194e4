import type pg from "pg"
import { HISTORY_KINDS, type HistoryKind } from "../shop/request-history.server.ts"
import { asideByReason } from "./admin-home.ts"
import { type ComparisonRow, comparisonOf } from "./shop-comparison.ts"
import { historyParts, type RunRow, type ShopHistory } from "./shop-history.ts"

/**
 * How far the shop's history is, since the app was installed. Null where none was asked for: a shop that was only
 * imported from files.
 * @param client in the shop's transaction
 */
export async function readHistory(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  asOf: Date,
): Promise<ShopHistory | null> {
  const rows = await readRuns(client, shopId)
  if (rows.length === 0) return null
  const latest = await readComparison(client, shopId, ["running", "done", "failed"])
  const finished = await readComparison(client, shopId, ["done"])
  const nextAtMs = await readNext(client, shopId)
  return { parts: historyParts(rows), comparison: comparisonOf(latest, finished, nextAtMs, asOf.getTime()) }
}

/** The latest run of each kind, of this installation, in the order in which they are read. */
async function readRuns(client: Pick<pg.PoolClient, "query">, shopId: number): Promise<RunRow[]> {
  const { rows } = await client.query<{
    kind: HistoryKind
    state: RunRow["state"]
    begun: boolean
    rows_read: string
    rows_expected: string | null
    rows_aside: unknown
    message: string | null
    started_at: Date
    finished_at: Date | null
  }>(
    `SELECT DISTINCT ON (array_position($2, r.kind)) r.kind, r.state, r.operation IS NOT NULL AS begun, r.rows_read,
       r.rows_expected, r.rows_aside, r.message, r.started_at, r.finished_at
     FROM import_runs r JOIN shops s ON s.shop_id = r.shop_id
     WHERE r.shop_id = $1 AND r.kind = ANY ($2) AND r.started_at >= s.installed_at AND s.uninstalled_at IS NULL
     ORDER BY array_position($2, r.kind), r.started_at DESC, r.import_id`,
    [shopId, [...HISTORY_KINDS]],
  )
  return rows.map((row) => ({
    kind: row.kind,
    state: row.state,
    begun: row.begun,
    rowsRead: Number(row.rows_read),
    rowsExpected: row.rows_expected === null ? null : Number(row.rows_expected),
    rowsAside: asideByReason(row.rows_aside).reduce((sum, one) => sum + one.rows, 0),
    message: row.message,
    startedAtMs: row.started_at.getTime(),
    finishedAtMs: row.finished_at?.getTime() ?? null,
  }))
}

/** The newest run in one of the states. One that was cut off before an uninstall goes on after it. */
async function readComparison(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  states: ComparisonRow["state"][],
): Promise<ComparisonRow | null> {
  const { rows } = await client.query<{
    state: ComparisonRow["state"]
    counts: unknown
    message: string | null
    finished_at: Date | null
  }>(
    `SELECT r.state, r.counts, r.message, r.finished_at
     FROM reconcile_runs r JOIN shops s ON s.shop_id = r.shop_id
     WHERE r.shop_id = $1 AND r.state = ANY ($2)
       AND (r.state = 'running' OR r.finished_at >= s.installed_at)
     ORDER BY r.started_at DESC, r.run_id LIMIT 1`,
    [shopId, states],
  )
  const [row] = rows
  if (!row) return null
  const { state, counts, message } = row
  return { state, counts, message, finishedAtMs: row.finished_at?.getTime() ?? null }
}

/** When the comparison is due; null where it is not planned. */
async function readNext(client: Pick<pg.PoolClient, "query">, shopId: number): Promise<number | null> {
  const { rows } = await client.query<{ next_run_at: Date }>(
    "SELECT next_run_at FROM schedules WHERE shop_id = $1 AND job = 'reconcile'",
    [shopId],
  )
  return rows[0]?.next_run_at.getTime() ?? null
}
