import type { RowFields, RowReason } from "./row-fields.ts"

/** Some rows of a file, in its order. One shape for CSV, JSONL and Parquet. */
export type RowBatch<Column extends string = string> = {
  rows: Row<Column>[]
  /** Bytes of the file read so far. */
  bytesRead: number
}

/** A row, or what could not be read as one. `line` is its line in a text file, its ordinal in Parquet, from 1. */
export type Row<Column extends string = string> = {
  line: number
  /** The row as the file has it, for the file of rows set aside. */
  text: string | (() => string)
} & ({ fields: RowFields<Column>; reason?: undefined } | { fields?: undefined; reason: RowReason })
