/** Rows of import_runs that read a shop's history: which is next, and how far it is. */
import type pg from "pg"
import { withShopSql } from "../../db.server.ts"
import { HISTORY_KINDS, type HistoryKind } from "../../shop/request-history.server.ts"

export type HistoryRun = {
  importId: string
  kind: HistoryKind
  operation: string | null
  position: number
  restarts: number
}

/** The run whose turn it is, or null. Those of before an uninstall are no longer wanted. */
export async function nextRun(shopId: number): Promise<HistoryRun | null> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{
      import_id: string
      kind: HistoryKind
      operation: string | null
      position: string
      restarts: number
    }>(
      `SELECT r.import_id, r.kind, r.operation, r.position, r.restarts
       FROM import_runs r JOIN shops s ON s.shop_id = r.shop_id
       WHERE r.shop_id = $1 AND r.state = 'running' AND r.kind = ANY ($2) AND s.uninstalled_at IS NULL
         AND r.started_at >= s.installed_at
       ORDER BY array_position($2, r.kind) LIMIT 1`,
      [shopId, [...HISTORY_KINDS]],
    )
    const [row] = rows
    if (!row) return null
    const { import_id: importId, kind, operation, position, restarts } = row
    return { importId, kind, operation, position: Number(position), restarts }
  })
}

/** Whether some of the shop's history is still to be read. */
export async function historyIsWanted(shopId: number): Promise<boolean> {
  return (await nextRun(shopId)) !== null
}

type Changes = Partial<{
  state: "running" | "done" | "failed"
  operation: string | null
  rowsExpected: number
  position: number
  restarts: number
  message: string | null
  /** Counts begin anew. */
  startOver: true
}>

/** @returns false where another worker has moved the run on meanwhile: then it is that one's. */
export async function updateRun(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  run: HistoryRun,
  changes: Changes & { rowsRead?: number; rowsAdded?: number; aside?: Record<string, number> },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE import_runs SET
       state = coalesce($5, state), operation = CASE WHEN $6 THEN $7 ELSE operation END,
       rows_expected = coalesce($8, rows_expected), position = coalesce($9, position),
       restarts = coalesce($10, restarts), message = CASE WHEN $11 THEN $12 ELSE message END,
       rows_read = CASE WHEN $16 THEN 0 ELSE rows_read + $13 END,
       rows_added = CASE WHEN $16 THEN 0 ELSE rows_added + $14 END,
       rows_known = CASE WHEN $16 THEN 0 ELSE rows_known + $13 - $14 END,
       rows_aside = CASE WHEN $16 THEN '{}' ELSE (SELECT coalesce(jsonb_object_agg(key, total), '{}') FROM (
         SELECT key, sum(value::bigint) AS total FROM (
           SELECT * FROM jsonb_each_text(rows_aside) UNION ALL SELECT * FROM jsonb_each_text($15)) AS one
         GROUP BY key) AS sums) END,
       finished_at = CASE WHEN $5 IN ('done', 'failed') THEN now() ELSE finished_at END
     WHERE shop_id = $1 AND import_id = $2 AND state = 'running' AND position = $3 AND operation IS NOT DISTINCT FROM $4`,
    [
      shopId,
      run.importId,
      run.position,
      run.operation,
      changes.state ?? null,
      changes.operation !== undefined,
      changes.operation ?? null,
      changes.rowsExpected ?? null,
      changes.position ?? null,
      changes.restarts ?? null,
      changes.message !== undefined,
      changes.message ?? null,
      changes.rowsRead ?? 0,
      changes.rowsAdded ?? 0,
      JSON.stringify(changes.aside ?? {}),
      changes.startOver ?? false,
    ],
  )
  return rowCount === 1
}
