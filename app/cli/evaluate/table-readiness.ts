import { cellTexts, type PlainTable, type TableColumn } from "../../features/plain-table.ts"
import type { FileRead } from "../../features/read-rows.server.ts"
import { count, counted, type Finding, percent } from "./readiness.ts"

const LEAST_ROWS = 100
const LEAST_OF_A_CLASS = 20
const MANY_VALUES = 20
const NEARLY = 0.995

/**
 * What was found in a table.
 * @param table rows whose label is blank are left out already; `unlabelled` of them
 */
export function tableReadiness(
  table: PlainTable,
  label: string,
  unlabelled: number,
  read: FileRead,
): Finding[] {
  const target = table.columns.find(({ name }) => name === label)
  const others = table.columns.filter(({ name }) => name !== label)
  const labels = target === undefined ? [] : cellTexts(target).map((cell) => cell ?? "")
  return [
    {
      level: table.rows < LEAST_ROWS ? "refused" : "fine",
      subject: "rows",
      sentence: `${counted(table.rows, "row")} with a label and ${counted(others.length, "column")} beside it${table.rows < LEAST_ROWS ? `; at least ${LEAST_ROWS} are needed. Give more rows.` : "."}`,
    },
    ...aside(read),
    ...(unlabelled > 0
      ? [
          {
            level: "mended" as const,
            subject: "no label",
            sentence: `${counted(unlabelled, "row")} without a ${label} left out.`,
          },
        ]
      : []),
    ...labelFindings(labels, label),
    ...table.blanked.map(({ column, cells, words }) => ({
      level: "mended" as const,
      subject: "blank words",
      sentence: `${counted(cells, "cell")} of ${column} said ${words.map((word) => `"${word.trim()}"`).join(", ")} among numbers and now count as blank.`,
    })),
    ...others.flatMap((column) => columnFindings(column)),
    ...others.flatMap((column) => leakFindings(column, labels, label)),
    ...repeatFindings(table),
  ]
}

function aside({ rowsRead, aside: counts, asideFile }: FileRead): Finding[] {
  const rows = Object.values(counts).reduce((sum, one) => sum + one, 0)
  if (rows === 0) return []
  const share = rows / Math.max(1, rowsRead)
  return [
    {
      level: share > 0.5 ? "refused" : share > 0.01 ? "warning" : "mended",
      subject: "noise",
      sentence: `${percent(share)} of the rows (${count(rows)}) could not be read and are left out${asideFile === null ? "" : `; they are kept with line and reason in ${asideFile}`}.`,
    },
  ]
}

function labelFindings(labels: readonly string[], label: string): Finding[] {
  const classes = counts(labels)
  if (classes.size < 2)
    return [
      {
        level: "refused",
        subject: "label",
        sentence: `${label} has ${classes.size === 0 ? "no value" : "one value in every row"}: there is nothing to tell apart. Name another column with --label.`,
      },
    ]
  if (classes.size > MANY_VALUES) return []
  const [rarest = "", rows = 0] = [...classes].sort(([, a], [, b]) => a - b)[0] ?? []
  const share = rows / Math.max(1, labels.length)
  return [
    {
      level: rows < LEAST_OF_A_CLASS ? "refused" : "fine",
      subject: "label",
      sentence: `${label} is "${rarest}" in ${count(rows)} of ${count(labels.length)} rows (${percent(share)})${rows < LEAST_OF_A_CLASS ? `; at least ${LEAST_OF_A_CLASS} of each are needed. Give more rows of it.` : "."}`,
    },
  ]
}

function columnFindings(column: TableColumn): Finding[] {
  const cells = cellTexts(column)
  const filled = cells.filter((cell) => cell !== null)
  const distinct = new Set(filled).size
  const blank = 1 - filled.length / Math.max(1, cells.length)
  const found: Finding[] = []
  if (distinct === 0)
    found.push(warning("empty column", `${column.name} has no value in any row and says nothing.`))
  else if (distinct === 1 && blank === 0)
    found.push(warning("one value", `${column.name} is the same in every row and says nothing.`))
  else if (blank > 0.5)
    found.push(warning("blank cells", `${column.name} is blank in ${percent(blank)} of the rows.`))
  if (column.kind === "text" && filled.length > LEAST_ROWS && distinct > 0.95 * filled.length)
    found.push(
      warning(
        "names rows",
        `${column.name} is different in nearly every row: a name, not a property. Leave it out of the file if it is one.`,
      ),
    )
  const numbers =
    column.kind === "text" ? filled.filter((cell) => cell.trim() !== "" && Number.isFinite(Number(cell))) : []
  const odd = filled.length - numbers.length
  if (numbers.length > 0.9 * filled.length && odd > 0) {
    const example = filled.find((cell) => !Number.isFinite(Number(cell))) ?? ""
    found.push(
      warning(
        "nearly numbers",
        `${column.name} is text because of ${counted(odd, "cell")} like "${example.slice(0, 40)}" among numbers. Mend or blank them.`,
      ),
    )
  }
  return found
}

/** A column that gives the label away: it was written after the fact, or is the label under another name. */
function leakFindings(column: TableColumn, labels: readonly string[], label: string): Finding[] {
  const classes = counts(labels)
  if (classes.size < 2 || classes.size > MANY_VALUES) return []
  const cells = cellTexts(column).map((cell) => cell ?? "")
  const most = Math.max(...classes.values()) / Math.max(1, labels.length)
  const byValue = agreement(cells, labels)
  if (byValue.values <= classes.size && byValue.share === 1)
    return [
      {
        level: "refused",
        subject: "leak",
        sentence: `${column.name} is ${label} under another name: each of its values has one label. Leave it out of the file.`,
      },
    ]
  const known = byValue.values <= 0.1 * labels.length && byValue.share > most ? byValue.share : 0
  const ranked = column.kind === "number" && classes.size === 2 ? separation(column.cells, labels) : 0
  if (known < NEARLY && ranked < NEARLY) return []
  return [
    warning(
      "leak",
      `${column.name} nearly determines ${label}${ranked >= NEARLY ? ` (alone it has an AUC of ${ranked.toFixed(3)})` : ` (${percent(known)} right by its value alone)`}. If it is known only afterwards, leave it out of the file.`,
    ),
  ]
}

/** How many values a column has, and the share of rows whose label is their value's most frequent one. */
function agreement(cells: readonly string[], labels: readonly string[]): { values: number; share: number } {
  const byValue = new Map<string, Map<string, number>>()
  for (const [row, cell] of cells.entries()) {
    const label = labels[row] ?? ""
    const known = byValue.get(cell) ?? new Map<string, number>()
    known.set(label, (known.get(label) ?? 0) + 1)
    byValue.set(cell, known)
  }
  const right = [...byValue.values()].reduce((sum, known) => sum + Math.max(...known.values()), 0)
  return { values: byValue.size, share: right / Math.max(1, cells.length) }
}

/** Area under the ROC curve of a column alone, whichever way it points; blank cells count as lowest. */
function separation(cells: readonly (number | null)[], labels: readonly string[]): number {
  const [one] = labels
  const rows = cells
    .map((cell, row) => ({ value: cell ?? Number.NEGATIVE_INFINITY, isOne: labels[row] === one }))
    .sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0))
  let [rankSum, ones, start] = [0, 0, 0]
  while (start < rows.length) {
    let end = start
    while (end < rows.length && rows[end]?.value === rows[start]?.value) end += 1
    const inTie = rows.slice(start, end).filter(({ isOne }) => isOne).length
    rankSum += inTie * ((start + 1 + end) / 2)
    ones += inTie
    start = end
  }
  const others = rows.length - ones
  if (ones === 0 || others === 0) return 0
  const area = (rankSum - (ones * (ones + 1)) / 2) / (ones * others)
  return Math.max(area, 1 - area)
}

function repeatFindings(table: PlainTable): Finding[] {
  const texts = table.columns.map(cellTexts)
  const seen = new Set<string>()
  for (let row = 0; row < table.rows; row += 1) seen.add(JSON.stringify(texts.map((cells) => cells[row])))
  const repeats = table.rows - seen.size
  const share = repeats / Math.max(1, table.rows)
  if (repeats === 0) return []
  return [
    {
      level: share > 0.05 ? "warning" : "fine",
      subject: "identical rows",
      sentence: `${counted(repeats, "row")} (${percent(share)}) repeat another to the letter. In both parts, such a row makes figures too good${share > 0.05 ? "; leave repeats out if an export made them" : ""}.`,
    },
  ]
}

function warning(subject: string, sentence: string): Finding {
  return { level: "warning", subject, sentence }
}

function counts(values: readonly string[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1)
  return found
}
