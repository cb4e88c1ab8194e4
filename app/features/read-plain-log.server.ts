import { EVENT_COLUMNS, parseEventRow, REQUIRED_EVENT_COLUMNS } from "../capture/event-row.ts"
import { ITEM_COLUMNS, parseItemRow, REQUIRED_ITEM_COLUMNS } from "../capture/item-row.ts"
import { openRows } from "../capture/open-rows.server.ts"
import type { RowFields, RowReason } from "../capture/row-fields.ts"
import { type PlainLog, plainLogBuilder } from "./plain-log.ts"
import { type FileRead, type FileToRead, readRows } from "./read-rows.server.ts"

export type ReadLog = { log: PlainLog; events: FileRead; items: FileRead | null }

/**
 * Reads files of the plain event format into memory: the same readers, checks and reasons as an import, and no
 * database.
 * @param nowMs a later event lies in the future
 * @throws AppError `bad_file` for a file that is not what it should be
 */
export async function readPlainLog(
  events: FileToRead,
  items: FileToRead | null,
  nowMs: number,
  onProgress: (share: number, rows: number) => void,
): Promise<ReadLog> {
  const builder = plainLogBuilder()
  const parts = { of: items === null ? 1 : 2, done: 0 }
  const progress = (share: number, rows: number) => onProgress((parts.done + share) / parts.of, rows)
  let itemsRead: FileRead | null = null
  if (items !== null) {
    const format = { columns: ITEM_COLUMNS, required: REQUIRED_ITEM_COLUMNS, parse: parseItemRow }
    itemsRead = await readFile(items, format, builder.addItem, progress)
    parts.done = 1
  }
  const format = {
    columns: EVENT_COLUMNS,
    required: REQUIRED_EVENT_COLUMNS,
    parse: (row: RowFields) => parseEventRow(row, nowMs),
  }
  const eventsRead = await readFile(events, format, builder.addEvent, progress)
  return { log: builder.log(), events: eventsRead, items: itemsRead }
}

type Format<Column extends string, Parsed extends object> = {
  columns: readonly Column[]
  required: readonly Column[]
  parse(row: RowFields<Column>): Parsed | RowReason
}

async function readFile<Column extends string, Parsed extends object>(
  file: FileToRead,
  format: Format<Column, Parsed>,
  add: (parsed: Parsed) => void,
  onProgress: (share: number, rows: number) => void,
): Promise<FileRead> {
  const take = (row: RowFields<Column>) => {
    const parsed = format.parse(row)
    if (typeof parsed === "string") return parsed
    add(parsed)
    return null
  }
  const rows = await openRows(file.path, format.columns, format.required)
  return readRows(rows, file.asideFile, take, onProgress)
}
