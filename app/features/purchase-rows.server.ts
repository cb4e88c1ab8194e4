import { PURCHASE_COLUMNS, type PurchaseEvent, purchaseCuts, purchaseSummary } from "./purchase-summary.ts"
import { openRowsFile } from "./rows-file.server.ts"

const COLUMNS = ["row", "cut", "as_of_ms", ...PURCHASE_COLUMNS] as const
const FRACTIONS: ReadonlySet<string> = new Set([
  "as_of_ms",
  "recency_days",
  "age_days",
  "mean_repeat_cents",
] satisfies (typeof COLUMNS)[number][])

export type PurchaseRows = {
  /** @param row the person's number in sequences.arrow */
  add(row: number, events: readonly PurchaseEvent[]): Promise<void>
  end(): Promise<void>
}

/** Writes purchases.arrow: of each person who had bought by then, one row a cut. */
export function openPurchaseRows(path: string, logEndMs: number): PurchaseRows {
  const file = openRowsFile(
    path,
    COLUMNS.map((name) => [name, FRACTIONS.has(name) ? "float64" : "int32"] as const),
  )
  return {
    async add(row, events) {
      const bought = events.filter((event) => event.type === "purchase" || event.type === "refund")
      const rows = [...purchaseCuts(logEndMs).entries()].flatMap(([cut, asOfMs]) => {
        const summary = purchaseSummary(bought, asOfMs, logEndMs)
        return summary === null ? [] : [{ ...summary, row, cut, as_of_ms: asOfMs }]
      })
      await file.add(rows)
    },
    async end() {
      await file.end()
    },
  }
}
