import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { AppError } from "../../errors.ts"
import { type PlainTable, withoutRows } from "../../features/plain-table.ts"
import { readTable } from "../../features/read-table.server.ts"
import { writeTable } from "../../features/table-rows.server.ts"
import { startProgress } from "../progress.ts"
import type { EvaluateOptions } from "./options.ts"
import { count, type Finding } from "./readiness.ts"
import { tableReadiness } from "./table-readiness.ts"

type TableOptions = Extract<EvaluateOptions, { kind: "table" }>

/**
 * Reads the table, judges it, and writes it into the work folder.
 * @throws AppError `bad_file`; `bad_request` where the label is no column of it
 */
export async function prepareTable(
  options: TableOptions,
  work: string,
  report: (findings: readonly Finding[]) => void,
): Promise<void> {
  const reading = startProgress("Reading the table")
  const file = { path: options.table, asideFile: join(work, "table.aside.jsonl") }
  const { table, read } = await readTable(file, (share, rows) =>
    reading.update(share, 1, `${count(rows)} rows`),
  )
  reading.end(`${count(table.rows)} rows, ${count(table.columns.length)} columns`)
  const label = labelOf(table, options)
  const cells = table.columns.find(({ name }) => name === label)?.cells ?? []
  const labelled = withoutRows(table, (row) => cells[row] !== null)
  report(tableReadiness(labelled, label, table.rows - labelled.rows, read))
  await writeTable(join(work, "table.arrow"), labelled)
  writeFileSync(
    join(work, "evaluation.json"),
    JSON.stringify({ target: "label", split: "random", label, rows: labelled.rows }),
  )
}

/** As it is written, or else the one column whose name differs in case alone. */
function labelOf(table: PlainTable, { table: path, label }: TableOptions): string {
  const names = table.columns.map(({ name }) => name)
  if (names.includes(label)) return label
  const alike = names.filter((name) => name.toLowerCase() === label.toLowerCase())
  const [only] = alike
  if (alike.length === 1 && only !== undefined) return only
  throw new AppError(
    "bad_request",
    `${path} has no column "${label}". Name one of its columns with --label: ${names.join(", ")}`,
  )
}
