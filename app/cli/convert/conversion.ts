import type { PlainEvent, PlainItem } from "../../capture/event.ts"
import { readLines } from "../../capture/read-lines.server.ts"
import type { RowFields } from "../../capture/row-fields.ts"
import type { Row, RowBatch } from "../../capture/rows.ts"

/** One kind of log that can be turned into the plain event format. */
export type Converter = {
  /** One line for the help. */
  about: string
  /** What the file must look like, to say when it does not. */
  input: string
  /** What each reason for leaving a row out means. */
  reasons: Readonly<Record<string, string>>
  /** @param path a file that is there. */
  open(path: string, options: ConvertOptions, tally: Tally): Conversion | Promise<Conversion>
}

export type ConvertOptions = {
  /** File of path rules, for access logs. */
  mapping: string | null
  /** Secret that visitors of an access log are hashed with. */
  key: string | null
  /** Host of the shop whose access log it is. */
  site: string | null
}

export type Conversion = {
  batches: AsyncIterable<ConvertedBatch>
  /** Known once the batches are read; empty where the log names no items. */
  items(): Iterable<PlainItem>
  /** What the reader of the result must know, a line each. */
  notes(): string[]
}

export type ConvertedBatch = { events: PlainEvent[]; bytesRead: number }

/** Rows read, and those left out by reason, each with the first of its kind. */
export type Tally = { rows: number; skipped: Map<string, { rows: number; line: number; text: string }> }

export function newTally(): Tally {
  return { rows: 0, skipped: new Map() }
}

const EXCERPT_CHARS = 120

function skip(tally: Tally, reason: string, row: Row): void {
  const known = tally.skipped.get(reason)
  if (known) {
    known.rows++
    return
  }
  const text = typeof row.text === "string" ? row.text : row.text()
  tally.skipped.set(reason, { rows: 1, line: row.line, text: text.slice(0, EXCERPT_CHARS) })
}

/** `toEvents` gives the events of a row, or the reason why it has none. */
export async function* convertRows<Column extends string>(
  batches: AsyncIterable<RowBatch<Column>>,
  tally: Tally,
  toEvents: (fields: RowFields<Column>, line: number) => readonly PlainEvent[] | string,
): AsyncGenerator<ConvertedBatch> {
  for await (const { rows, bytesRead } of batches) {
    const events: PlainEvent[] = []
    for (const row of rows) {
      tally.rows++
      const converted = row.reason === undefined ? toEvents(row.fields, row.line) : row.reason
      if (typeof converted === "string") skip(tally, converted, row)
      else for (const event of converted) events.push(event)
    }
    yield { events, bytesRead }
  }
}

/** A text file (also .gz) as rows of one column, `text`; empty lines are none. */
export async function* textRows(path: string): AsyncGenerator<RowBatch<"text">> {
  for await (const block of readLines(path)) {
    const { firstLine, bytesRead } = block
    if (block.tooLong) {
      yield { rows: [{ line: firstLine, text: block.text, reason: "line_too_long" }], bytesRead }
      continue
    }
    const rows: Row<"text">[] = []
    for (const [index, content] of block.text.split("\n").entries()) {
      const text = content.endsWith("\r") ? content.slice(0, -1) : content
      if (text.trim() === "") continue
      const line = firstLine + index
      if (block.badLines?.has(line)) rows.push({ line, text, reason: "broken_utf8" })
      else rows.push({ line, text, fields: { text } })
    }
    yield { rows, bytesRead }
  }
}
