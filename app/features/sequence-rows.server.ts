import {
  type Data,
  type DataType,
  Field,
  Float64,
  Int32,
  List,
  makeData,
  type RecordBatch,
  Schema,
} from "apache-arrow"
import { recordBatch, writeArrowFile } from "./arrow-file.server.ts"
import { HISTORY_COLUMNS } from "./history-inputs.ts"
import type { TrainingRow } from "./training-row.ts"

const INT_COLUMNS = [
  ...HISTORY_COLUMNS,
  "turn",
  "next_stage",
  "basket",
  "visit",
  "visit_buys",
  "next_type",
  "step_gap",
] as const
const FRACTION_COLUMNS = ["at_ms", "return_days", "spend_cents"] as const

/** Shoppers a record batch holds: some megabytes, so that memory stays flat whatever the log. */
const SHOPPERS_PER_BATCH = 512

const listOf = (type: Int32 | Float64) => new List(new Field("item", type, false))

const SEQUENCES_SCHEMA = new Schema([
  new Field("row", new Int32(), false),
  ...FRACTION_COLUMNS.map((name) => new Field(name, listOf(new Float64()), false)),
  ...INT_COLUMNS.map((name) => new Field(name, listOf(new Int32()), false)),
])

function listData(type: Int32 | Float64, parts: readonly (Int32Array | Float64Array)[]): Data<DataType> {
  const offsets = new Int32Array(parts.length + 1)
  for (const [index, part] of parts.entries()) offsets[index + 1] = (offsets[index] ?? 0) + part.length
  const total = offsets[parts.length] ?? 0
  const values = type instanceof Int32 ? new Int32Array(total) : new Float64Array(total)
  for (const [index, part] of parts.entries()) values.set(part, offsets[index])
  const child =
    values instanceof Int32Array
      ? makeData({ type: new Int32(), length: total, nullCount: 0, data: values })
      : makeData({ type: new Float64(), length: total, nullCount: 0, data: values })
  return makeData({ type: listOf(type), length: parts.length, nullCount: 0, valueOffsets: offsets, child })
}

function sequencesBatch(rows: readonly TrainingRow[], firstRow: number): RecordBatch {
  return recordBatch(SEQUENCES_SCHEMA, rows.length, [
    makeData({
      type: new Int32(),
      length: rows.length,
      nullCount: 0,
      data: Int32Array.from(rows, (_, index) => firstRow + index),
    }),
    ...FRACTION_COLUMNS.map((name) =>
      listData(
        new Float64(),
        rows.map((row) => row[name]),
      ),
    ),
    ...INT_COLUMNS.map((name) =>
      listData(
        new Int32(),
        rows.map((row) => row[name]),
      ),
    ),
  ])
}

async function* sequenceBatches(rows: AsyncIterable<TrainingRow>): AsyncGenerator<RecordBatch> {
  let waiting: TrainingRow[] = []
  let written = 0
  for await (const row of rows) {
    waiting.push(row)
    if (waiting.length < SHOPPERS_PER_BATCH) continue
    yield sequencesBatch(waiting, written)
    written += waiting.length
    waiting = []
  }
  yield sequencesBatch(waiting, written)
}

/** Writes sequences.arrow: one row a shopper, numbered in the order they come; no name leaves the program. */
export async function writeSequences(path: string, rows: AsyncIterable<TrainingRow>): Promise<void> {
  await writeArrowFile(path, sequenceBatches(rows))
}
