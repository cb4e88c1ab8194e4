/** Waits, with a line of progress, until the worker has imported what the shop knew before the install. */
import { setTimeout as wait } from "node:timers/promises"
import { withShopSql } from "../../db.server.ts"
import { AppError } from "../../errors.ts"
import { HISTORY_KINDS } from "../../shop/request-history.server.ts"
import { startProgress } from "../progress.ts"

const LOOK_EVERY_MS = 250

type Run = { state: string; read: number; expected: number; message: string | null }

/** @throws AppError `unavailable` where a part of it failed or nothing began in time */
export async function watchHistory(shopId: number, options: { withinMs: number }): Promise<void> {
  const progress = startProgress("Importing the shop's history")
  const untilMs = Date.now() + options.withinMs
  for (;;) {
    const runs = await readRuns(shopId)
    const [failed] = runs.filter(({ state }) => state === "failed")
    if (failed) throw new AppError("unavailable", `The history could not be imported: ${failed.message}`)
    const read = runs.reduce((sum, run) => sum + run.read, 0)
    // An export leaves the lines of refunds out; what they gave back is asked for one by one.
    if (runs.length > 0 && runs.every(({ state }) => state === "done") && !(await isAnythingWanted(shopId)))
      return progress.end(`${read.toLocaleString("en")} rows through the Admin API`)
    progress.update(
      read,
      Math.max(
        read,
        runs.reduce((sum, run) => sum + Math.max(run.read, run.expected), 0),
      ),
      "rows",
    )
    if (Date.now() > untilMs)
      throw new AppError(
        "unavailable",
        "The history was not imported in time. Run the demo again: it goes on.",
      )
    await wait(LOOK_EVERY_MS)
  }
}

/** Of each kind the newest: what was asked for again counts anew. */
async function readRuns(shopId: number): Promise<Run[]> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<Run>(
      `SELECT DISTINCT ON (kind) state, rows_read::int AS read, coalesce(rows_expected, 0)::int AS expected, message
       FROM import_runs WHERE shop_id = $1 AND kind = ANY ($2) ORDER BY kind, started_at DESC`,
      [shopId, [...HISTORY_KINDS]],
    ),
  )
  return rows
}

async function isAnythingWanted(shopId: number): Promise<boolean> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query("SELECT FROM shop_records WHERE shop_id = $1 AND wanted_at IS NOT NULL LIMIT 1", [shopId]),
  )
  return rows.length > 0
}
