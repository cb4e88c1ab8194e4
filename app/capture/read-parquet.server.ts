import { open } from "node:fs/promises"
import {
  type AsyncBuffer,
  type FileMetaData,
  type ParquetRow,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { AppError } from "../errors.ts"
import type { RowFields } from "./row-fields.ts"
import type { Row, RowBatch } from "./rows.ts"

/**
 * Rows decoded at a time. A row group is read in slices of this size, for it may hold a million rows; pages before a
 * slice are skipped, not decompressed.
 */
const SLICE_ROWS = 40_000

/** @throws AppError `bad_file` where it is no Parquet file, is damaged, or lacks a required column. */
export async function* readParquet<Column extends string>(
  path: string,
  columns: readonly Column[],
  required: readonly Column[],
): AsyncGenerator<RowBatch<Column>> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
        await handle.read(bytes, 0, bytes.length, start)
        return bytes.buffer
      },
    }
    const metadata = await orBadFile(path, parquetMetadataAsync(file))
    const present = presentColumns(path, metadata, columns, required)
    let groupStart = 0
    const totalRows = Number(metadata.num_rows)
    for (const group of metadata.row_groups) {
      const groupEnd = groupStart + Number(group.num_rows)
      for (let rowStart = groupStart; rowStart < groupEnd; rowStart += SLICE_ROWS) {
        const rowEnd = Math.min(groupEnd, rowStart + SLICE_ROWS)
        const objects: ParquetRow[] = Array.from({ length: rowEnd - rowStart }, () => ({}))
        // One column after the other: together, what they are decoded from would be in memory at once.
        for (const column of present) {
          const cells = await orBadFile(
            path,
            parquetReadObjects({
              file,
              metadata,
              compressors,
              columns: [column],
              rowStart,
              rowEnd,
              useOffsetIndex: true,
            }),
          )
          for (let index = 0; index < cells.length; index++) {
            const object = objects[index]
            if (object) object[column] = cells[index]?.[column]
          }
        }
        const rows = objects.map((object, index) => toRow<Column>(object, rowStart + index + 1))
        yield { rows, bytesRead: Math.round((size * rowEnd) / Math.max(1, totalRows)) }
      }
      groupStart = groupEnd
    }
  } finally {
    await handle.close()
  }
}

function toRow<Column extends string>(object: ParquetRow, line: number): Row<Column> {
  const fields = object as RowFields<Column>
  const text = () =>
    JSON.stringify(fields, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))
  // The decoder has put replacement characters where bytes were not UTF-8; the bytes themselves are gone.
  for (const column in fields) {
    const value: unknown = fields[column]
    if (typeof value === "string" && value.includes("\ufffd")) return { line, text, reason: "broken_utf8" }
  }
  return { line, text, fields }
}

function presentColumns<Column extends string>(
  path: string,
  metadata: FileMetaData,
  columns: readonly Column[],
  required: readonly Column[],
): string[] {
  const names = parquetSchema(metadata).children.map((child) => child.element.name)
  const missing = required.filter((column) => !names.includes(column))
  if (missing.length > 0)
    throw new AppError(
      "bad_file",
      `${path} has no column ${missing.join(", ")}. Expected the columns ${columns.join(", ")}, of which ${required.join(", ")} must be there; it has: ${names.join(", ")}`,
    )
  return columns.filter((column) => names.includes(column))
}

async function orBadFile<T>(path: string, reading: Promise<T>): Promise<T> {
  return reading.catch((cause: unknown) => {
    throw new AppError(
      "bad_file",
      `${path} is no whole Parquet file (${cause instanceof Error ? cause.message : String(cause)}). Nothing of it was kept. Export it again.`,
      { cause },
    )
  })
}
