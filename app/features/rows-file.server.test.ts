import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tableFromIPC } from "apache-arrow"
import { afterAll, expect, test } from "vitest"
import { columnsOf, openRowsFile } from "./rows-file.server.ts"

const folder = mkdtempSync(join(tmpdir(), "throughline-rows-file-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COLUMNS = [
  ...columnsOf("int32", ["row"]),
  ...columnsOf("float64", ["at_ms"]),
  ...columnsOf("float32", ["share"]),
]

const row = (n: number) => ({ row: n, at_ms: 1_700_000_000_000 + n, share: n / 4 })

test("rows come back as they went in, over the end of a batch and of what is added at once", async () => {
  const path = join(folder, "many.arrow")
  const file = openRowsFile(path, COLUMNS)
  const count = 20_000
  for (let from = 0; from < count; from += 7_000)
    await file.add(Array.from({ length: Math.min(7_000, count - from) }, (_, n) => row(from + n)))
  expect(await file.end()).toBe(count)
  const table = tableFromIPC(readFileSync(path))
  expect(table.schema.fields.map((field) => String(field))).toEqual([
    "row: Int32",
    "at_ms: Float64",
    "share: Float32",
  ])
  expect(table.batches.length).toBe(3)
  expect(table.numRows).toBe(count)
  for (const n of [0, 6_999, 7_000, 8_191, 8_192, 16_384, count - 1])
    expect(table.get(n)?.toJSON()).toEqual(row(n))
})

test("a file without rows still tells its columns", async () => {
  const path = join(folder, "none.arrow")
  const file = openRowsFile(path, COLUMNS)
  await file.add([])
  expect(await file.end()).toBe(0)
  const table = tableFromIPC(readFileSync(path))
  expect(table.numRows).toBe(0)
  expect(table.schema.fields.map((field) => field.name)).toEqual(["row", "at_ms", "share"])
})
