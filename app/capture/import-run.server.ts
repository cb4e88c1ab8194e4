import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import type { AsideCounts } from "./aside-file.server.ts"

export type ImportKind = "events" | "items"

export type ImportCounts = { rowsRead: number; rowsAdded: number; rowsKnown: number; aside: AsideCounts }

/**
 * Takes the shop's import lock for this transaction, so that two imports cannot each take a name for new. Rows of
 * import_runs that still say "running" are then of imports that died, and are closed.
 * @throws AppError `too_many` while another import of this shop runs.
 */
export async function beginImport(client: pg.PoolClient, shopId: number, kind: ImportKind): Promise<string> {
  const { rows } = await client.query<{ taken: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtext('import'), $1) AS taken",
    [shopId],
  )
  if (!rows[0]?.taken)
    throw new AppError(
      "too_many",
      "Another import of this shop is running. Start this one when it has ended.",
    )
  // In a transaction of its own, so that the admin sees it while the import runs.
  return withShopSql(shopId, async (other) => {
    await other.query(
      `UPDATE import_runs SET state = 'failed', finished_at = now(), message = 'The import was interrupted; nothing of it was kept.'
       WHERE shop_id = $1 AND state = 'running' AND kind IN ('events', 'items')`,
      [shopId],
    )
    const made = await other.query<{ import_id: string }>(
      "INSERT INTO import_runs (shop_id, kind) VALUES ($1, $2) RETURNING import_id",
      [shopId, kind],
    )
    return made.rows[0]?.import_id ?? ""
  })
}

/** Shows how far an import is, to everyone, while its own transaction is open. */
export async function reportImport(shopId: number, importId: string, counts: ImportCounts): Promise<void> {
  await withShopSql(shopId, (other) => writeCounts(other, shopId, importId, "running", counts))
}

/** Closes the import in its own transaction: that it is done is seen when its rows are, and never without them. */
export async function finishImport(
  client: pg.PoolClient,
  shopId: number,
  importId: string,
  counts: ImportCounts,
): Promise<void> {
  await writeCounts(client, shopId, importId, "done", counts)
}

/** Records a failed import, whose transaction is rolled back. */
export async function failImport(
  shopId: number,
  importId: string,
  counts: ImportCounts,
  message: string,
): Promise<void> {
  await withShopSql(shopId, (client) =>
    writeCounts(client, shopId, importId, "failed", { ...counts, rowsAdded: 0, rowsKnown: 0 }, message),
  )
}

async function writeCounts(
  client: pg.PoolClient,
  shopId: number,
  importId: string,
  state: "running" | "done" | "failed",
  counts: ImportCounts,
  message: string | null = null,
): Promise<void> {
  await client.query(
    `UPDATE import_runs SET state = $3, rows_read = $4, rows_added = $5, rows_known = $6, rows_aside = $7, message = $8,
       finished_at = CASE WHEN $3 = 'running' THEN NULL ELSE clock_timestamp() END
     WHERE shop_id = $1 AND import_id = $2`,
    [
      shopId,
      importId,
      state,
      counts.rowsRead,
      counts.rowsAdded,
      counts.rowsKnown,
      JSON.stringify(counts.aside),
      message,
    ],
  )
}
