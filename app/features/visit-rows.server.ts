import type { FeatureEvent } from "./history-inputs.ts"
import { columnsOf, openRowsFile } from "./rows-file.server.ts"
import { VISIT_ROW_FEATURES, type VisitCuts, visitRows } from "./visit-rows.ts"

const COLUMNS = [
  ...columnsOf("int32", ["row", "visit", "prefix", "role", "buys"]),
  ...columnsOf("float64", ["at_ms", ...VISIT_ROW_FEATURES]),
]

export type VisitRowsFile = {
  /** @param row the shopper's number in sequences.arrow */
  add(row: number, events: readonly FeatureEvent[]): Promise<void>
  /** @returns the rows written */
  end(): Promise<number>
}

/** Writes visits.arrow: one row after each event of each visit. Memory stays flat however long the log. */
export function openVisitRows(path: string, cuts: VisitCuts): VisitRowsFile {
  const file = openRowsFile(path, COLUMNS)
  function* rowsOf(row: number, events: readonly FeatureEvent[]) {
    for (const { features, atMs, visit, prefix, role, buys } of visitRows(events, cuts))
      yield { ...features, at_ms: atMs, row, visit, prefix, role, buys }
  }
  return { add: (row, events) => file.add(rowsOf(row, events)), end: () => file.end() }
}
