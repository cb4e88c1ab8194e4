import { Bool, Field, Float64, makeData, Schema, Utf8, vectorFromArray } from "apache-arrow"
import { recordBatch, writeArrowFile } from "./arrow-file.server.ts"
import type { PlainTable, TableColumn } from "./plain-table.ts"

/** Writes table.arrow: each column as it came, float64, bool or utf8; blank cells are null. */
export async function writeTable(path: string, table: PlainTable): Promise<void> {
  const schema = new Schema(table.columns.map((column) => new Field(column.name, typeOf(column), true)))
  const children = table.columns.map((column) => {
    const [data] = vectorFromArray(column.cells, typeOf(column)).data
    return data ?? makeData({ type: typeOf(column), length: 0 })
  })
  await writeArrowFile(path, [recordBatch(schema, table.rows, children)])
}

function typeOf(column: TableColumn) {
  switch (column.kind) {
    case "number":
      return new Float64()
    case "boolean":
      return new Bool()
    case "text":
      return new Utf8()
    default:
      return column satisfies never
  }
}
