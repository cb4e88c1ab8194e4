import {
  type Data,
  type DataType,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
} from "apache-arrow"
import { openArrowFile } from "./arrow-file.server.ts"
import type { FeatureEvent } from "./history-inputs.ts"
import { VISIT_ROW_FEATURES, type VisitCuts, visitRows } from "./visit-rows.ts"

const WHOLE = ["row", "visit", "prefix", "role", "buys"] as const
const SCHEMA = new Schema([
  ...WHOLE.map((name) => new Field(name, new Int32(), false)),
  new Field("at_ms", new Float64(), false),
  ...VISIT_ROW_FEATURES.map((name) => new Field(name, new Float64(), false)),
])

const ROWS_PER_BATCH = 16_384

/** Columns of one batch, filled row by row. */
function emptyBatch() {
  return {
    length: 0,
    whole: WHOLE.map(() => new Int32Array(ROWS_PER_BATCH)),
    fractions: ["at_ms", ...VISIT_ROW_FEATURES].map(() => new Float64Array(ROWS_PER_BATCH)),
  }
}

function recordBatch({ length, whole, fractions }: ReturnType<typeof emptyBatch>): RecordBatch {
  const children: Data<DataType>[] = [
    ...whole.map((data) =>
      makeData({ type: new Int32(), length, nullCount: 0, data: data.subarray(0, length) }),
    ),
    ...fractions.map((data) =>
      makeData({ type: new Float64(), length, nullCount: 0, data: data.subarray(0, length) }),
    ),
  ]
  return new RecordBatch(
    SCHEMA,
    makeData({ type: new Struct(SCHEMA.fields), length, nullCount: 0, children }),
  )
}

export type VisitRowsFile = {
  /** @param row the shopper's number in sequences.arrow */
  add(row: number, events: readonly FeatureEvent[]): Promise<void>
  /** @returns the rows written */
  end(): Promise<number>
}

/** Writes visits.arrow: one row after each event of each visit. Memory stays flat however long the log. */
export function openVisitRows(path: string, cuts: VisitCuts): VisitRowsFile {
  const file = openArrowFile(path)
  let batch = emptyBatch()
  let written = 0
  const flush = async () => {
    written += batch.length
    await file.write(recordBatch(batch))
    batch = emptyBatch()
  }
  return {
    async add(row, events) {
      for (const one of visitRows(events, cuts)) {
        const at = batch.length
        const values = [row, one.visit, one.prefix, one.role, one.buys]
        for (const [column, value] of values.entries()) {
          const data = batch.whole[column]
          if (data) data[at] = value
        }
        const fractions = batch.fractions
        for (let column = 0; column < fractions.length; column += 1) {
          const data = fractions[column]
          const name = VISIT_ROW_FEATURES[column - 1]
          if (data) data[at] = name === undefined ? one.atMs : one.features[name]
        }
        batch.length += 1
        if (batch.length === ROWS_PER_BATCH) await flush()
      }
    },
    async end() {
      await flush()
      await file.end()
      return written
    },
  }
}
