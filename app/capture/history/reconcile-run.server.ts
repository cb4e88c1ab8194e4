/** Rows of reconcile_runs: what a comparison has found so far. */
import { z } from "zod"
import { withShopSql } from "../../db.server.ts"
import type { RecordKind } from "../shopify/record.ts"

/** What is compared, in this order: what an order names must be there first. Their children come with them. */
export const RECONCILED_KINDS = [
  "product",
  "inventory_level",
  "collection",
  "customer",
  "order",
] as const satisfies readonly RecordKind[]

export type ReconciledKind = (typeof RECONCILED_KINDS)[number]

/** Of one kind: how many the shop told, and how many of ours were not there, old, or there no more. All are mended. */
export type KindCounts = { checked: number; missing: number; stale: number; gone: number }

export type Counts = Partial<Record<RecordKind, KindCounts>>

export type ReconcileRun = { runId: string; done: ReconciledKind[]; counts: Counts }

const cursor = z.object({ done: z.array(z.enum(RECONCILED_KINDS)).default([]) })

/** The run that was cut off, or a new one. */
export async function beginReconcile(shopId: number): Promise<ReconcileRun> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ run_id: string; cursor: unknown; counts: Counts }>(
      `SELECT run_id, cursor, counts FROM reconcile_runs
       WHERE shop_id = $1 AND state = 'running' ORDER BY started_at DESC LIMIT 1`,
      [shopId],
    )
    const [row] = rows
    if (row) return { runId: row.run_id, done: cursor.parse(row.cursor).done, counts: row.counts }
    const made = await client.query<{ run_id: string }>(
      "INSERT INTO reconcile_runs (shop_id) VALUES ($1) RETURNING run_id",
      [shopId],
    )
    return { runId: made.rows[0]?.run_id ?? "", done: [], counts: {} }
  })
}

export async function recordKind(
  shopId: number,
  run: ReconcileRun,
  kind: ReconciledKind,
  counts: Counts,
): Promise<void> {
  run.done.push(kind)
  Object.assign(run.counts, counts)
  await withShopSql(shopId, (client) =>
    client.query("UPDATE reconcile_runs SET cursor = $3, counts = $4 WHERE shop_id = $1 AND run_id = $2", [
      shopId,
      run.runId,
      JSON.stringify({ done: run.done }),
      JSON.stringify(run.counts),
    ]),
  )
}

export async function endReconcile(shopId: number, run: ReconcileRun): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query(
      "UPDATE reconcile_runs SET state = 'done', finished_at = now() WHERE shop_id = $1 AND run_id = $2",
      [shopId, run.runId],
    ),
  )
}
