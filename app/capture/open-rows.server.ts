import { AppError } from "../errors.ts"
import { readCsv } from "./read-csv.server.ts"
import { readJsonl } from "./read-jsonl.server.ts"
import { checkFile } from "./read-lines.server.ts"
import type { RowBatch } from "./rows.ts"

export type OpenRows<Column extends string> = { bytes: number; batches: AsyncGenerator<RowBatch<Column>> }

/**
 * Opens a file of rows by its extension: .csv, .jsonl, .ndjson (each also with .gz), .parquet.
 * @throws AppError `bad_file` where it is not there, is empty or is of no known kind; later, where it is damaged.
 */
export async function openRows<Column extends string>(
  path: string,
  columns: readonly Column[],
  required: readonly Column[],
): Promise<OpenRows<Column>> {
  const bytes = await checkFile(path)
  const name = path.toLowerCase().replace(/\.gz$/, "")
  if (name.endsWith(".csv")) return { bytes, batches: readCsv(path, columns, required) }
  if (name.endsWith(".jsonl") || name.endsWith(".ndjson"))
    return { bytes, batches: readJsonl(path, required) }
  if (path.toLowerCase().endsWith(".parquet")) {
    // Loaded for these files alone: the decoders take 15 MB.
    const { readParquet } = await import("./read-parquet.server.ts")
    return { bytes, batches: readParquet(path, columns, required) }
  }
  throw new AppError(
    "bad_file",
    `${path} is of an unknown kind. Expected a name that ends in .csv, .jsonl, .csv.gz, .jsonl.gz or .parquet.`,
  )
}
