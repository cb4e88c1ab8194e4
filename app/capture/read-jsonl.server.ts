import { AppError } from "../errors.ts"
import { readLines } from "./read-lines.server.ts"
import type { RowFields } from "./row-fields.ts"
import type { Row, RowBatch } from "./rows.ts"

/** @throws AppError `bad_file` where the file does not begin with a JSON object. */
export async function* readJsonl<Column extends string>(
  path: string,
  required: readonly Column[],
): AsyncGenerator<RowBatch<Column>> {
  let begun = false
  for await (const block of readLines(path)) {
    if (block.tooLong) {
      begun = true
      const row: Row<Column> = { line: block.firstLine, text: block.text, reason: "line_too_long" }
      yield { rows: [row], bytesRead: block.bytesRead }
      continue
    }
    const rows: Row<Column>[] = []
    let line = block.firstLine
    for (let at = 0; at < block.text.length; line++) {
      const feed = block.text.indexOf("\n", at)
      const end = feed < 0 ? block.text.length : feed
      const text = block.text.slice(at, end)
      at = end + 1
      if (block.badLines?.has(line)) rows.push({ line, text, reason: "broken_utf8" })
      else if (text.length > 1 || text.trim() !== "") rows.push(parseLine(text, line))
    }
    if (!begun && rows[0]) checkBeginning(path, rows[0], required)
    begun ||= rows.length > 0
    if (rows.length > 0) yield { rows, bytesRead: block.bytesRead }
  }
  if (!begun) throw new AppError("bad_file", `${path} holds no line. Export it again.`)
}

function parseLine<Column extends string>(text: string, line: number): Row<Column> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { line, text, fields: value as RowFields<Column> }
  } catch {
    // Bad input is data: the row is set aside below, with its reason.
  }
  return { line, text, reason: text.includes("\0") ? "nul_byte" : "bad_json" }
}

/** A file of another kind is refused at once, rather than set aside line by line. */
function checkBeginning(path: string, row: Row, required: readonly string[]): void {
  const text = typeof row.text === "string" ? row.text : ""
  if (row.reason === "broken_utf8" || text.trimStart().startsWith("{")) return
  throw new AppError(
    "bad_file",
    `${path} is not JSON lines. Expected one object a line with the keys ${required.join(", ")}; line ${row.line} begins: ${text.slice(0, 80)}`,
  )
}
