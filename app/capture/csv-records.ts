/**
 * CSV as RFC 4180 has it, in blocks of text: fields apart by commas, records by line feeds (a carriage return before
 * it is dropped), and a field in double quotes may hold commas, line feeds and doubled quotes. By hand, because a
 * record without a quote is then one `split`, several times faster than a parser that looks at each character, and
 * because the line on which a record begins must be known.
 *
 * A quote that never closes would swallow the rest of the file. So a quoted record of more than MAX_RECORD_CHARS, or
 * one open at the end, costs its first line only, and reading goes on at the next.
 */
import type { RowReason } from "./row-fields.ts"

export const MAX_RECORD_CHARS = 1 << 20

export type CsvRecord = { line: number; text: string } & (
  | { fields: string[]; reason?: undefined }
  | { fields?: undefined; reason: RowReason }
)

export type CsvReader = {
  /** @param text whole lines. @param firstLine number of the first of them. @param badLines lines of broken UTF-8. */
  push(text: string, firstLine: number, badLines: ReadonlySet<number> | null): CsvRecord[]
  /** What is left when the file ends, or is cut by a line that cannot be read. */
  end(): CsvRecord[]
}

export function csvReader(): CsvReader {
  let carried = ""
  let carriedLine = 0
  const broken = new Set<number>()

  function read(text: string, firstLine: number, final: boolean): CsvRecord[] {
    const records: CsvRecord[] = []
    let at = 0
    let line = firstLine
    let quote = text.indexOf('"')
    while (at < text.length) {
      let end = endOfLine(text, at)
      let fields: string[] | null
      let lines = 1
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
      if (quote < 0 || quote > end) {
        fields = text.slice(at, withoutReturn(text, at, end)).split(",")
      } else {
        const record = readQuoted(text, at)
        if (record === null && !final && text.length - at <= MAX_RECORD_CHARS) {
          carried = text.slice(at)
          carriedLine = line
          return records
        }
        fields = record?.fields ?? null
        if (record) {
          end = record.end
          lines += feeds(text, at, end)
        }
      }
      const raw = text.slice(at, withoutReturn(text, at, end))
      if (anyBroken(line, lines)) records.push({ line, text: raw, reason: "broken_utf8" })
      else if (fields === null) records.push({ line, text: raw, reason: "bad_csv" })
      else if (raw !== "") records.push({ line, text: raw, fields })
      at = end + 1
      line += lines
    }
    broken.clear()
    return records
  }

  function anyBroken(line: number, lines: number): boolean {
    if (broken.size === 0) return false
    for (let at = line; at < line + lines; at++) if (broken.has(at)) return true
    return false
  }

  return {
    push(text, firstLine, badLines) {
      if (badLines) for (const bad of badLines) broken.add(bad)
      if (carried === "") return read(text, firstLine, false)
      const whole = carried + text
      carried = ""
      return read(whole, carriedLine, false)
    },
    end() {
      const rest = carried
      carried = ""
      return rest === "" ? [] : read(rest, carriedLine, true)
    },
  }
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at)
  return end < 0 ? text.length : end
}

function withoutReturn(text: string, from: number, end: number): number {
  return end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end
}

function feeds(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) count++
  return count
}

/** A record that holds a quote. Null while a quote is open; without fields where text stands after a closed quote. */
function readQuoted(text: string, from: number): { fields: string[] | null; end: number } | null {
  const fields: string[] = []
  let at = from
  for (;;) {
    if (text.charCodeAt(at) !== 34) {
      const lineEnd = endOfLine(text, at)
      const comma = text.indexOf(",", at)
      if (comma < 0 || comma > lineEnd) {
        fields.push(text.slice(at, withoutReturn(text, at, lineEnd)))
        return { fields, end: lineEnd }
      }
      fields.push(text.slice(at, comma))
      at = comma + 1
      continue
    }
    let value = ""
    let start = at + 1
    let close = text.indexOf('"', start)
    while (close >= 0 && text.charCodeAt(close + 1) === 34) {
      value += text.slice(start, close + 1)
      start = close + 2
      close = text.indexOf('"', start)
    }
    if (close < 0) return null
    fields.push(value + text.slice(start, close))
    const after = close + 1
    if (text.charCodeAt(after) === 44) {
      at = after + 1
      continue
    }
    const lineEnd = endOfLine(text, after)
    const clean = withoutReturn(text, after, lineEnd) === after
    return { fields: clean ? fields : null, end: lineEnd }
  }
}
