/**
 * A plain table, passed to the pipeline as it is: no value is made from another. A column is numbers where every cell
 * that is not blank reads as one, true or false where every such cell says so, and text otherwise.
 */

export type ColumnKind = "number" | "boolean" | "text"

export type TableColumn = { name: string } & (
  | { kind: "number"; cells: (number | null)[] }
  | { kind: "boolean"; cells: (boolean | null)[] }
  | { kind: "text"; cells: (string | null)[] }
)

export type PlainTable = {
  rows: number
  columns: TableColumn[]
  /** Columns whose words for "no value" were blanked, since all else in them is numbers. */
  blanked: { column: string; cells: number; words: string[] }[]
}

const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/

/** Words that exports write for a cell without a value. */
const NO_VALUE = new Set(["na", "n/a", "nan", "null", "none", "nil", "?", "-"])

/** So that a column of "none" and "2" is not taken for numbers. */
const LEAST_NUMBERS_SHARE = 0.5

/** @param cells of each column, as the file has them; undefined, null and "" are blank */
export function plainTable(names: readonly string[], cells: readonly (readonly unknown[])[]): PlainTable {
  const blanked: PlainTable["blanked"] = []
  const columns = names.map((name, index) => {
    const { column, words, count } = columnOf(name, cells[index] ?? [])
    if (count > 0) blanked.push({ column: name, cells: count, words })
    return column
  })
  return { rows: cells[0]?.length ?? 0, columns, blanked }
}

function columnOf(
  name: string,
  cells: readonly unknown[],
): { column: TableColumn; words: string[]; count: number } {
  const given = cells.map((cell) => (isBlank(cell) ? null : cell))
  const filled = given.filter((cell) => cell !== null)
  const plain = (column: TableColumn) => ({ column, words: [], count: 0 })
  if (filled.length > 0 && filled.every((cell) => booleanOf(cell) !== null))
    return plain({ name, kind: "boolean", cells: given.map(booleanOf) })
  const numbers = filled.filter((cell) => numberOf(cell) !== null).length
  const rest = filled.filter((cell) => numberOf(cell) === null)
  const readsAsNumbers = numbers > 0 && numbers >= LEAST_NUMBERS_SHARE * filled.length
  if (readsAsNumbers && rest.every((cell) => NO_VALUE.has(String(cell).trim().toLowerCase())))
    return {
      column: { name, kind: "number", cells: given.map(numberOf) },
      words: [...new Set(rest.map(String))].sort(),
      count: rest.length,
    }
  return plain({ name, kind: "text", cells: given.map((cell) => (cell === null ? null : String(cell))) })
}

function isBlank(cell: unknown): boolean {
  return cell === undefined || cell === null || (typeof cell === "string" && cell.trim() === "")
}

function numberOf(cell: unknown): number | null {
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : null
  if (typeof cell === "bigint") return Number(cell)
  return typeof cell === "string" && NUMBER.test(cell) ? Number(cell) : null
}

function booleanOf(cell: unknown): boolean | null {
  if (typeof cell === "boolean") return cell
  if (typeof cell !== "string") return null
  const word = cell.trim().toLowerCase()
  return word === "true" ? true : word === "false" ? false : null
}

/** A cell as text, to count and compare; null where it is blank. */
export function cellTexts(column: TableColumn): (string | null)[] {
  return column.cells.map((cell) => (cell === null ? null : String(cell)))
}

/** Leaves out the rows of which `keep` says false. */
export function withoutRows(table: PlainTable, keep: (row: number) => boolean): PlainTable {
  const kept = Array.from({ length: table.rows }, (_, row) => row).filter(keep)
  const columns = table.columns.map((column): TableColumn => {
    switch (column.kind) {
      case "number":
        return { ...column, cells: kept.map((row) => column.cells[row] ?? null) }
      case "boolean":
        return { ...column, cells: kept.map((row) => column.cells[row] ?? null) }
      case "text":
        return { ...column, cells: kept.map((row) => column.cells[row] ?? null) }
      default:
        return column satisfies never
    }
  })
  return { ...table, rows: kept.length, columns }
}
