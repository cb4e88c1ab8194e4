import type pg from "pg"
import { databasePool, withShopSql } from "../db.server.ts"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { asideFile } from "./aside-file.server.ts"
import { withFlatMemory } from "./flat-memory.server.ts"
import {
  beginImport,
  failImport,
  finishImport,
  type ImportCounts,
  type ImportKind,
  reportImport,
} from "./import-run.server.ts"
import { openRows } from "./open-rows.server.ts"
import type { RowFields, RowReason } from "./row-fields.ts"

export type ImportOptions = {
  /** Now, in epoch milliseconds: a later event lies in the future. */
  nowMs: number
  /** Where to keep rows that cannot be imported; without it they are only counted. */
  asideFile?: string
  onProgress?: (progress: ImportProgress) => void
}

export type ImportProgress = {
  /** Reading the file; then merging what was read. */
  phase: "reading" | "merging"
  /** Rows read, or merged, so far. */
  rows: number
  /** Part of this phase that is done, 0–1. */
  share: number
  rowsAside: number
}

export type ImportResult = ImportCounts & {
  importId: string
  /** Where rows set aside are kept, or null where there are none. */
  asideFile: string | null
}

/** What a kind of file is made of. */
export type FileFormat<Column extends string, Parsed extends object> = {
  kind: ImportKind
  columns: readonly Column[]
  required: readonly Column[]
  parse(row: RowFields<Column>, nowMs: number): Parsed | RowReason
}

/** Rows on their way into the database, inside the import's transaction. */
export type ImportStage<Parsed> = {
  add(row: Parsed): void
  flush(): Promise<void>
  /** Merges what was added; returns how many rows were new or changed. */
  merge(onProgress: (rowsMerged: number) => Promise<void>): Promise<number>
  abort(): void
}

const REPORT_MS = 1_000

/**
 * Imports a file in one transaction: all of it that parses, or nothing. Rows that do not parse are set aside.
 * @throws AppError `bad_file` for a file that is not what it should be, `too_many` while another import runs.
 */
export async function importFile<Column extends string, Parsed extends object>(
  shopId: number,
  path: string,
  options: ImportOptions,
  format: FileFormat<Column, Parsed>,
  openStage: (client: pg.PoolClient) => Promise<ImportStage<Parsed>>,
): Promise<ImportResult> {
  if (env().DATABASE_POOL < 2)
    throw new AppError(
      "bad_configuration",
      "DATABASE_POOL is 1, but an import needs 2 connections: one for its rows, one to report progress.",
    )
  const { bytes, batches } = await openRows(path, format.columns, format.required)
  const aside = asideFile(options.asideFile)
  const counts: ImportCounts = { rowsRead: 0, rowsAdded: 0, rowsKnown: 0, aside: aside.counts }
  let importId = ""
  try {
    await withFlatMemory(() =>
      withShopSql(shopId, async (client) => {
        importId = await beginImport(client, shopId, format.kind)
        const stage = await openStage(client)
        let reportedMs = 0
        const report = async (phase: ImportProgress["phase"], rows: number, share: number) => {
          options.onProgress?.({ phase, rows, share, rowsAside: aside.total })
          // The clock only paces the reports.
          if (performance.now() - reportedMs < REPORT_MS) return
          reportedMs = performance.now()
          await reportImport(shopId, importId, counts)
        }
        try {
          for await (const batch of batches) {
            for (const row of batch.rows) {
              if (row.reason !== undefined) {
                aside.add(row, row.reason)
                continue
              }
              const parsed = format.parse(row.fields, options.nowMs)
              if (typeof parsed === "string") aside.add(row, parsed)
              else stage.add(parsed)
            }
            counts.rowsRead += batch.rows.length
            await stage.flush()
            await aside.flush()
            await report("reading", counts.rowsRead, batch.bytesRead / bytes)
          }
        } catch (error) {
          stage.abort()
          throw error
        }
        const good = counts.rowsRead - aside.total
        counts.rowsAdded = await stage.merge((merged) =>
          report("merging", merged, merged / Math.max(1, good)),
        )
        counts.rowsKnown = good - counts.rowsAdded
        await finishImport(client, shopId, importId, counts)
      }),
    )
  } catch (error) {
    await aside.discard()
    if (importId !== "") await failImport(shopId, importId, counts, messageOf(error))
    throw error
  }
  // The planner must know the new rows; the tables are the owner's, so a function of its does it.
  await databasePool().query("SELECT analyze_imported()")
  return { ...counts, importId, asideFile: await aside.close() }
}

/** What the admin may show: our own messages; of others only that it failed, for they may quote a row. */
function messageOf(error: unknown): string {
  return error instanceof AppError ? error.message : "The import failed; nothing of it was kept."
}
