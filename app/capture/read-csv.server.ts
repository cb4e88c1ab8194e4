import { AppError } from "../errors.ts"
import { type CsvRecord, csvReader } from "./csv-records.ts"
import { readLines } from "./read-lines.server.ts"
import type { Row, RowBatch } from "./rows.ts"

/** @throws AppError `bad_file` where the header lacks a required column. */
export async function* readCsv<Column extends string>(
  path: string,
  columns: readonly Column[],
  required: readonly Column[],
): AsyncGenerator<RowBatch<Column>> {
  const reader = csvReader()
  let header: CsvHeader<Column> | null = null
  let bytesRead = 0
  const toRows = (records: CsvRecord[]): Row<Column>[] => {
    let data = records
    if (!header) {
      const [first] = records
      if (!first) return []
      header = readHeader(path, first, columns, required)
      data = records.slice(1)
    }
    const { width, toFields } = header
    return data.map((record): Row<Column> => {
      const { line, text } = record
      if (!record.fields) return { line, text, reason: record.reason }
      if (record.fields.length !== width) return { line, text, reason: "wrong_column_count" }
      return { line, text, fields: toFields(record.fields) }
    })
  }
  for await (const block of readLines(path)) {
    bytesRead = block.bytesRead
    const rows = block.tooLong
      ? [
          // A quoted field that was open when the line came is cut by it.
          ...toRows(reader.end()),
          ...toRows([{ line: block.firstLine, text: block.text, reason: "line_too_long" }]),
        ]
      : toRows(reader.push(block.text, block.firstLine, block.badLines))
    if (rows.length > 0) yield { rows, bytesRead }
  }
  const rest = toRows(reader.end())
  if (!header)
    throw new AppError("bad_file", `${path} has no header line. It must begin with: ${columns.join(",")}`)
  if (rest.length > 0) yield { rows: rest, bytesRead }
}

type CsvHeader<Column extends string> = {
  width: number
  toFields(values: string[]): { [column in Column]?: string }
}

function readHeader<Column extends string>(
  path: string,
  record: CsvRecord,
  columns: readonly Column[],
  required: readonly Column[],
): CsvHeader<Column> {
  const names = (record.fields ?? []).map((name) => name.trim().toLowerCase())
  const missing = required.filter((column) => !names.includes(column))
  if (missing.length > 0) {
    const came = record.text.slice(0, 200)
    throw new AppError(
      "bad_file",
      `${path} has no column ${missing.join(", ")}. Expected a first line with the columns ${required.join(",")} and any of ${columns.filter((column) => !required.includes(column)).join(",")}, apart by commas; it reads: ${came}`,
    )
  }
  const twice = columns.find((column) => names.indexOf(column) !== names.lastIndexOf(column))
  if (twice) throw new AppError("bad_file", `${path} has two columns "${twice}". Leave one.`)
  const places = columns.map((column) => ({ column, at: names.indexOf(column) })).filter(({ at }) => at >= 0)
  return {
    width: names.length,
    toFields(values) {
      const fields: { [column in Column]?: string } = {}
      for (const { column, at } of places) fields[column] = values[at]
      return fields
    },
  }
}
