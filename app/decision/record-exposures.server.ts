import { setTimeout as wait } from "node:timers/promises"
import { withShopSql } from "../db.server.ts"
import { flushDecisions, isUnwritten } from "./decision-log.server.ts"

export type ExposureReport = {
  decisionId: string
  /** seen: at least half of the product's card was in view; clicked: the shopper followed it. */
  kind: "seen" | "clicked"
  /** External id. */
  item: string
  atMs: number
}

/** Longest that another process's decision takes to be written. */
const OTHER_PROCESS_MS = 100

/**
 * Records exposures of decisions that are on disk and that showed these products; others are counted as unknown and
 * not recorded. A decision that still waits in this process is written first, and for one that may wait in another
 * process this waits once. Repeats change nothing.
 */
export async function recordExposures(
  shopId: number,
  reports: readonly ExposureReport[],
): Promise<{ recorded: number; unknown: number }> {
  if (reports.length === 0) return { recorded: 0, unknown: 0 }
  if (reports.some((report) => isUnwritten(report.decisionId))) await flushDecisions()
  let known = await insertExposures(shopId, reports)
  if (known < reports.length) {
    await wait(OTHER_PROCESS_MS)
    known = await insertExposures(shopId, reports)
  }
  return { recorded: known, unknown: reports.length - known }
}

/** How many of the reports belong to a decision that showed their product, recorded now or before. */
async function insertExposures(shopId: number, reports: readonly ExposureReport[]): Promise<number> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ known: number }>(
      `WITH given AS (
         SELECT g.decision_id, g.kind, p.product_id, g.at
         FROM jsonb_to_recordset($2::jsonb) AS g (decision_id uuid, kind text, item text, at timestamptz)
         JOIN products p ON p.shop_id = $1 AND p.external_id = g.item
         JOIN decisions d ON d.shop_id = $1 AND d.decision_id = g.decision_id
           AND d.outcome = 'shown' AND p.product_id = ANY (d.product_ids)
       ), added AS (
         INSERT INTO exposures (shop_id, decision_id, kind, product_id, at)
         SELECT $1, decision_id, kind, product_id, min(at) FROM given GROUP BY decision_id, kind, product_id
         ON CONFLICT DO NOTHING
       )
       SELECT count(*)::int AS known FROM given`,
      [
        shopId,
        JSON.stringify(
          reports.map((report) => ({
            decision_id: report.decisionId,
            kind: report.kind,
            item: report.item,
            at: new Date(report.atMs),
          })),
        ),
      ],
    ),
  )
  return rows[0]?.known ?? 0
}
