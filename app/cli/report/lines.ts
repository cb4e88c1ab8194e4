/** Lines for a terminal. */

/** What a terminal beside an editor shows without breaking a line. */
export const COLUMNS = 100

const GAP = 2

/** The first column to the left, the others to the right. */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = columnWidths(rows)
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = (widths[column] ?? 0) + GAP
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join("")
      .trimEnd(),
  )
}

/** Of the lines that alignedLines makes. */
export function alignedWidth(rows: readonly (readonly string[])[]): number {
  const widths = columnWidths(rows)
  return widths.reduce((sum, width) => sum + width + GAP, 0) - (widths.length === 1 ? GAP : 0)
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
}

/** Breaks between words; lines after the first begin under its text. A longer word has a line to itself. */
export function wrapped(text: string, beginning = ""): string[] {
  const lines: string[] = []
  let line = beginning
  let isEmpty = true
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line)
      line = " ".repeat(beginning.length)
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line]
}

/** Cut to a length, and seen to be. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
