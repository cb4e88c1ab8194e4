import { Field, Float64, Int32, makeData, RecordBatch, Schema, Struct } from "apache-arrow"
import { openArrowFile } from "./arrow-file.server.ts"
import {
  PURCHASE_COLUMNS,
  type PurchaseEvent,
  type PurchaseSummary,
  purchaseCuts,
  purchaseSummary,
} from "./purchase-summary.ts"

type PurchaseRow = PurchaseSummary & { row: number; cut: number; as_of_ms: number }

const COLUMNS = ["row", "cut", "as_of_ms", ...PURCHASE_COLUMNS] as const
const FRACTIONS: ReadonlySet<string> = new Set([
  "as_of_ms",
  "recency_days",
  "age_days",
  "mean_repeat_cents",
] satisfies (typeof COLUMNS)[number][])

const SCHEMA = new Schema(
  COLUMNS.map((name) => new Field(name, FRACTIONS.has(name) ? new Float64() : new Int32(), false)),
)

const ROWS_PER_BATCH = 8_192

function batchOf(rows: readonly PurchaseRow[]): RecordBatch {
  const { length } = rows
  const children = COLUMNS.map((name) =>
    FRACTIONS.has(name)
      ? makeData({
          type: new Float64(),
          length,
          nullCount: 0,
          data: Float64Array.from(rows, (row) => row[name]),
        })
      : makeData({
          type: new Int32(),
          length,
          nullCount: 0,
          data: Int32Array.from(rows, (row) => row[name]),
        }),
  )
  return new RecordBatch(
    SCHEMA,
    makeData({ type: new Struct(SCHEMA.fields), length, nullCount: 0, children }),
  )
}

export type PurchaseRows = {
  /** @param row the person's number in sequences.arrow */
  add(row: number, events: readonly PurchaseEvent[]): Promise<void>
  end(): Promise<void>
}

/** Writes purchases.arrow: of each person who had bought by then, one row a cut. */
export function openPurchaseRows(path: string, logEndMs: number): PurchaseRows {
  const file = openArrowFile(path)
  let waiting: PurchaseRow[] = []
  const flush = async () => {
    const rows = waiting
    waiting = []
    await file.write(batchOf(rows))
  }
  return {
    async add(row, events) {
      const bought = events.filter((event) => event.type === "purchase" || event.type === "refund")
      for (const [cut, asOfMs] of purchaseCuts(logEndMs).entries()) {
        const summary = purchaseSummary(bought, asOfMs, logEndMs)
        if (summary !== null) waiting.push({ ...summary, row, cut, as_of_ms: asOfMs })
      }
      if (waiting.length >= ROWS_PER_BATCH) await flush()
    },
    async end() {
      await flush()
      await file.end()
    },
  }
}
