import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tableFromIPC } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { plainTable, withoutRows } from "./plain-table.ts"
import { readTable } from "./read-table.server.ts"
import { writeTable } from "./table-rows.server.ts"

const folder = mkdtempSync(join(tmpdir(), "throughline-plain-table-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function read(name: string, text: string) {
  const path = join(folder, name)
  writeFileSync(path, text)
  return readTable({ path, asideFile: join(folder, "aside.jsonl") }, () => undefined)
}

test("a column is numbers, true or false, or text by all of its cells that are not blank", () => {
  const { columns } = plainTable(
    ["n", "b", "t"],
    [
      ["1", "", "-2.5e3"],
      ["TRUE", "false", ""],
      ["1", "x", ""],
    ],
  )
  expect(columns).toEqual([
    { name: "n", kind: "number", cells: [1, null, -2500] },
    { name: "b", kind: "boolean", cells: [true, false, null] },
    { name: "t", kind: "text", cells: ["1", "x", null] },
  ])
})

test("words for no value among numbers count as blank and are named; among words they stay", () => {
  const { columns, blanked } = plainTable(
    ["price", "kind"],
    [
      ["3", "NA", "4", "n/a"],
      ["none", "few", "none", "many"],
    ],
  )
  expect(columns[0]).toMatchObject({ kind: "number", cells: [3, null, 4, null] })
  expect(columns[1]).toMatchObject({ kind: "text", cells: ["none", "few", "none", "many"] })
  expect(blanked).toEqual([{ column: "price", cells: 2, words: ["NA", "n/a"] }])
})

test("CSV and JSON lines give the same table, as it is, with blanks as nulls", async () => {
  const csv = await read("t.csv", 'Pages,Name,Bought\n3,"a, b",TRUE\n,c,FALSE\n')
  const jsonl = await read(
    "t.jsonl",
    '{"Pages":3,"Name":"a, b","Bought":true}\n{"Name":"c","Bought":false}\n',
  )
  expect(jsonl.table).toEqual(csv.table)
  await writeTable(join(folder, "table.arrow"), csv.table)
  const written = tableFromIPC(readFileSync(join(folder, "table.arrow")))
  expect(Array.from(written, (row) => row.toJSON())).toEqual([
    { Pages: 3, Name: "a, b", Bought: true },
    { Pages: null, Name: "c", Bought: false },
  ])
  expect(written.schema.fields.map(({ type }) => String(type))).toEqual(["Float64", "Utf8", "Bool"])
})

test("a row with too few fields is set aside, and a file without a header is refused", async () => {
  const { table, read: told } = await read("odd.csv", "a,b\n1,2\n3\n4,5\n")
  expect(table.rows).toBe(2)
  expect(told.aside).toEqual({ wrong_column_count: 1 })
  await expect(read("twice.csv", "a,a\n1,2\n")).rejects.toThrow(/two columns "a"/)
})

test("rows are left out of every column alike", () => {
  const table = plainTable(
    ["a", "b"],
    [
      ["1", "2", "3"],
      ["x", "y", "z"],
    ],
  )
  const kept = withoutRows(table, (row) => row !== 1)
  expect(kept).toMatchObject({ rows: 2, columns: [{ cells: [1, 3] }, { cells: ["x", "z"] }] })
})
