import { open } from "node:fs/promises"
import { parquetMetadataAsync, parquetSchema } from "hyparquet"
import { type CsvRecord, csvReader } from "../capture/csv-records.ts"
import { readJsonl } from "../capture/read-jsonl.server.ts"
import { checkFile, readLines } from "../capture/read-lines.server.ts"
import { readParquet } from "../capture/read-parquet.server.ts"
import type { RowFields } from "../capture/row-fields.ts"
import type { Row, RowBatch } from "../capture/rows.ts"
import { AppError } from "../errors.ts"
import { type PlainTable, plainTable } from "./plain-table.ts"
import { type FileRead, type FileToRead, readRows } from "./read-rows.server.ts"

/**
 * Reads a table of any columns into memory. Rows that cannot be read are kept aside.
 * @throws AppError `bad_file` where it is no table or has two columns of one name
 */
export async function readTable(
  file: FileToRead,
  onProgress: (share: number, rows: number) => void,
): Promise<{ table: PlainTable; read: FileRead }> {
  const places = new Map<string, number>()
  const cells: unknown[][] = []
  let rowsKept = 0
  const keep = (fields: RowFields) => {
    for (const [name, cell] of Object.entries(fields)) {
      let place = places.get(name)
      if (place === undefined) {
        place = cells.push(new Array(rowsKept).fill(null)) - 1
        places.set(name, place)
      }
      const column = cells[place]
      if (column) column[rowsKept] = cell
    }
    rowsKept += 1
    for (const column of cells) if (column.length < rowsKept) column.push(null)
    return null
  }
  const rows = { bytes: await checkFile(file.path), batches: rowsOf(file.path) }
  const read = await readRows(rows, file.asideFile, keep, onProgress)
  return { table: plainTable([...places.keys()], cells), read }
}

function rowsOf(path: string): AsyncGenerator<RowBatch> {
  const name = path.toLowerCase().replace(/\.gz$/, "")
  if (name.endsWith(".csv")) return csvRows(path)
  if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) return readJsonl<string>(path, [])
  if (path.toLowerCase().endsWith(".parquet")) return parquetRows(path)
  throw new AppError(
    "bad_file",
    `${path} is of an unknown kind. Expected a name that ends in .csv, .jsonl, .csv.gz, .jsonl.gz or .parquet.`,
  )
}

async function* csvRows(path: string): AsyncGenerator<RowBatch> {
  const reader = csvReader()
  let names: string[] | null = null
  const toRows = (records: readonly CsvRecord[]): Row[] => {
    const rows: Row[] = []
    for (const record of records) {
      const { line, text, fields } = record
      if (names === null) names = headerOf(path, record)
      else if (fields === undefined) rows.push({ line, text, reason: record.reason })
      else if (fields.length !== names.length) rows.push({ line, text, reason: "wrong_column_count" })
      else {
        const named = names.map((name, index) => [name, fields[index]])
        rows.push({ line, text, fields: Object.fromEntries(named) })
      }
    }
    return rows
  }
  for await (const block of readLines(path)) {
    const tooLong: CsvRecord = { line: block.firstLine, text: block.text, reason: "line_too_long" }
    const records = block.tooLong
      ? [...reader.end(), tooLong]
      : reader.push(block.text, block.firstLine, block.badLines)
    yield { rows: toRows(records), bytesRead: block.bytesRead }
  }
  yield { rows: toRows(reader.end()), bytesRead: await checkFile(path) }
}

function headerOf(path: string, record: CsvRecord): string[] {
  const names = (record.fields ?? []).map((name) => name.trim())
  const unnamed = names.indexOf("")
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (names.length < 2 || unnamed >= 0)
    throw new AppError(
      "bad_file",
      `${path} has no header line. Expected a first line with the names of at least two columns, apart by commas; it reads: ${record.text.slice(0, 200)}`,
    )
  if (twice !== undefined)
    throw new AppError("bad_file", `${path} has two columns "${twice}". Leave one, or rename it.`)
  return names
}

async function* parquetRows(path: string): AsyncGenerator<RowBatch> {
  const names = await parquetColumns(path)
  yield* readParquet(path, names, [])
}

async function parquetColumns(path: string): Promise<string[]> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const metadata = await parquetMetadataAsync({
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(end - start)
        await handle.read(bytes, 0, bytes.length, start)
        return bytes.buffer
      },
    })
    return parquetSchema(metadata).children.map((child) => child.element.name)
  } catch (cause) {
    throw new AppError("bad_file", `${path} is no whole Parquet file. Export it again.`, { cause })
  } finally {
    await handle.close()
  }
}
