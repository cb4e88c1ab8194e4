import {
  Bool,
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from "apache-arrow"
import { openArrowFile } from "./arrow-file.server.ts"
import type { CatalogueItem } from "./catalogue.ts"
import { HISTORY_COLUMNS } from "./history-inputs.ts"
import { itemInputs, TEXT_DIMENSION, TOKENS_PER_ITEM } from "./item-inputs.ts"
import { readTextEncoder } from "./text-encoder.server.ts"
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

function recordBatch(schema: Schema, length: number, children: Data<DataType>[]): RecordBatch {
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  )
}

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

async function writeBatches(
  path: string,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): Promise<void> {
  const file = openArrowFile(path)
  for await (const batch of batches) await file.write(batch)
  await file.end()
}

/** Writes sequences.arrow: one row a shopper, numbered in the order they come; no name leaves the program. */
export async function writeSequences(path: string, rows: AsyncIterable<TrainingRow>): Promise<void> {
  await writeBatches(path, sequenceBatches(rows))
}

/** Columns of an item's own text: for models that read more of it than the item tower's tokens. */
const TEXT_COLUMNS = ["title", "category", "brand"] as const

/** Writes items.arrow: row k (0-based) is row k + 1 of the item matrix. */
export async function writeItems(
  path: string,
  items: readonly CatalogueItem[],
  edges: readonly number[],
): Promise<void> {
  const encoder = readTextEncoder()
  const inputs = items.map((item) => itemInputs(item, edges, 0, encoder))
  const tokens = new Int32Array(items.length * TOKENS_PER_ITEM)
  const text = new Float32Array(items.length * TEXT_DIMENSION)
  for (const [index, input] of inputs.entries()) {
    tokens.set(input.tokens, index * TOKENS_PER_ITEM)
    text.set(input.text, index * TEXT_DIMENSION)
  }
  const tokensType = new FixedSizeList(TOKENS_PER_ITEM, new Field("item", new Int32(), false))
  const textType = new FixedSizeList(TEXT_DIMENSION, new Field("item", new Float32(), false))
  const schema = new Schema([
    new Field("item", new Utf8(), false),
    new Field("item_tokens", tokensType, false),
    new Field("item_text", textType, false),
    new Field("item_price", new Int32(), false),
    new Field("available", new Bool(), false),
    ...TEXT_COLUMNS.map((name) => new Field(name, new Utf8(), false)),
  ])
  const texts = (["externalId", ...TEXT_COLUMNS] as const).map(
    (name) =>
      vectorFromArray(
        items.map((item) => item[name]),
        new Utf8(),
      ).data[0],
  )
  const [name, ...words] = texts.filter((text) => text !== undefined)
  const available = vectorFromArray(
    items.map((item) => item.available),
    new Bool(),
  ).data[0]
  if (name === undefined || available === undefined) {
    await writeBatches(path, [recordBatch(schema, 0, [])])
    return
  }
  await writeBatches(path, [
    recordBatch(schema, items.length, [
      name,
      makeData({
        type: tokensType,
        length: items.length,
        nullCount: 0,
        child: makeData({ type: new Int32(), length: tokens.length, nullCount: 0, data: tokens }),
      }),
      makeData({
        type: textType,
        length: items.length,
        nullCount: 0,
        child: makeData({ type: new Float32(), length: text.length, nullCount: 0, data: text }),
      }),
      makeData({
        type: new Int32(),
        length: items.length,
        nullCount: 0,
        data: Int32Array.from(inputs, (input) => input.price),
      }),
      available,
      ...words,
    ]),
  ])
}
