import {
  type DataType,
  Field,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
} from "apache-arrow"
import { openArrowFile } from "./arrow-file.server.ts"
import { CUT_ROLES, type CustomerWindow, customerCuts } from "./customer-cuts.ts"
import {
  CUSTOMER_FEATURES,
  type CustomerEvent,
  type CustomerFeatures,
  type CustomerOutcome,
  customerFeatures,
  customerOutcome,
} from "./customer-features.ts"

type CustomerRow = CustomerFeatures &
  CustomerOutcome & {
    /** The shopper's number in the log. */
    row: number
    /** Number of the cut, in the order of customerCuts. */
    cut: number
    /** Place in CUT_ROLES. */
    role: number
    question_days: number
    as_of_ms: number
    /** Days from the cut to the end of its outcome. */
    horizon_days: number
  }

/** Columns that are no model's input. */
const INT_COLUMNS = ["row", "cut", "role", "question_days", "orders_next"] as const
const WIDE_COLUMNS = ["as_of_ms", "horizon_days", "spend_next_cents"] as const

const TYPES: readonly (readonly [keyof CustomerRow, () => DataType])[] = [
  ...INT_COLUMNS.map((name) => [name, () => new Int32()] as const),
  ...WIDE_COLUMNS.map((name) => [name, () => new Float64()] as const),
  ...CUSTOMER_FEATURES.map((name) => [name, () => new Float32()] as const),
]

const SCHEMA = new Schema(TYPES.map(([name, type]) => new Field(name, type(), false)))

const ROWS_PER_BATCH = 8_192

const DAY_MS = 86_400_000

function batchOf(rows: readonly CustomerRow[]): RecordBatch {
  const { length } = rows
  const children = TYPES.map(([name, type]) => {
    const of = type()
    const value = (row: CustomerRow) => row[name]
    if (of instanceof Int32)
      return makeData({ type: of, length, nullCount: 0, data: Int32Array.from(rows, value) })
    if (of instanceof Float64)
      return makeData({ type: of, length, nullCount: 0, data: Float64Array.from(rows, value) })
    return makeData({ type: new Float32(), length, nullCount: 0, data: Float32Array.from(rows, value) })
  })
  return new RecordBatch(
    SCHEMA,
    makeData({ type: new Struct(SCHEMA.fields), length, nullCount: 0, children }),
  )
}

export type CustomerRows = {
  /** @param row the shopper's number; `events` is their whole log, in any order */
  add(row: number, events: readonly CustomerEvent[]): Promise<void>
  /** @returns how many rows were written */
  end(): Promise<number>
}

/** Writes customers.arrow: of each shopper who had bought by then, one row a cut. Memory stays flat. */
export function openCustomerRows(path: string, window: CustomerWindow): CustomerRows {
  const file = openArrowFile(path)
  const cuts = customerCuts(window)
  let waiting: CustomerRow[] = []
  let written = 0
  const flush = async () => {
    const rows = waiting
    waiting = []
    written += rows.length
    await file.write(batchOf(rows))
  }
  return {
    async add(row, events) {
      if (!events.some((event) => event.type === "purchase")) return
      // Questions share moments (the test's), and a moment's features are the dearest part of a row.
      const featuresAt = new Map<number, CustomerFeatures | null>()
      for (const [cut, { role, questionDays, asOfMs, untilMs }] of cuts.entries()) {
        const features = featuresAt.get(asOfMs) ?? customerFeatures(events, asOfMs)
        featuresAt.set(asOfMs, features)
        if (features === null) continue
        waiting.push({
          ...features,
          ...customerOutcome(events, asOfMs, untilMs),
          row,
          cut,
          role: CUT_ROLES.indexOf(role),
          question_days: questionDays,
          as_of_ms: asOfMs,
          horizon_days: (untilMs - asOfMs) / DAY_MS,
        })
      }
      if (waiting.length >= ROWS_PER_BATCH) await flush()
    },
    async end() {
      await flush()
      await file.end()
      return written
    },
  }
}
