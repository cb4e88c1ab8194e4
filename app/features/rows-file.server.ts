import { Field, Float32, Float64, Int32, makeData, Schema } from "apache-arrow"
import { openArrowFile, recordBatch } from "./arrow-file.server.ts"

const TYPES = { int32: Int32, float32: Float32, float64: Float64 } as const
const ARRAYS = { int32: Int32Array, float32: Float32Array, float64: Float64Array } as const

export type NumberType = keyof typeof TYPES

/** Name and type of each column, in the file's order; none is ever null. */
export type NumberColumns<Name extends string> = readonly (readonly [name: Name, type: NumberType])[]

export const columnsOf = <Name extends string>(
  type: NumberType,
  names: readonly Name[],
): NumberColumns<Name> => names.map((name) => [name, type] as const)

export type RowsFile<Name extends string> = {
  add(rows: Iterable<Readonly<Record<Name, number>>>): Promise<void>
  /** @returns how many rows were written */
  end(): Promise<number>
}

/** A record batch has at most so many rows: a few megabytes, so that memory stays flat whatever the log. */
const ROWS_PER_BATCH = 8_192

/** An Arrow file of numbers, written row by row. */
export function openRowsFile<Name extends string>(
  path: string,
  columns: NumberColumns<Name>,
): RowsFile<Name> {
  const schema = new Schema(columns.map(([name, type]) => new Field(name, new TYPES[type](), false)))
  const empty = () => columns.map(([name, type]) => ({ name, values: new ARRAYS[type](ROWS_PER_BATCH) }))
  const file = openArrowFile(path)
  let waiting = empty()
  let length = 0
  let written = 0
  const flush = async () => {
    const children = waiting.map(({ values }) => numbersData(values.subarray(0, length)))
    const batch = recordBatch(schema, length, children)
    written += length
    // The file may still hold the old arrays, so they are not filled again.
    waiting = empty()
    length = 0
    await file.write(batch)
  }
  return {
    async add(rows) {
      for (const row of rows) {
        for (const { name, values } of waiting) values[length] = row[name]
        length += 1
        if (length === ROWS_PER_BATCH) await flush()
      }
    },
    async end() {
      await flush()
      await file.end()
      return written
    },
  }
}

function numbersData(values: Int32Array | Float32Array | Float64Array) {
  const { length } = values
  if (values instanceof Int32Array) return makeData({ type: new Int32(), length, nullCount: 0, data: values })
  if (values instanceof Float64Array)
    return makeData({ type: new Float64(), length, nullCount: 0, data: values })
  return makeData({ type: new Float32(), length, nullCount: 0, data: values })
}
