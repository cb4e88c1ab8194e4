import { expect, test } from "vitest"
import { plainTable } from "../../features/plain-table.ts"
import { tableReadiness } from "./table-readiness.ts"

const ROWS = 400
const range = Array.from({ length: ROWS }, (_, index) => index)
/** Says nothing of the label. */
const noise = range.map((index) => ((index * 0.618034) % 1).toFixed(4))
const label = range.map((index) => (index % 5 === 0 ? "TRUE" : "FALSE"))

function findingsOf(columns: Record<string, unknown[]>, unlabelled = 0) {
  const table = plainTable(Object.keys(columns), Object.values(columns))
  return tableReadiness(table, "label", unlabelled, { rowsRead: ROWS, aside: {}, asideFile: null })
}

const about = (found: ReturnType<typeof findingsOf>, name: string) =>
  found.find(({ subject }) => subject === name)

test("a table without problems has none", () => {
  expect(findingsOf({ noise, label }).map(({ level }) => level)).toEqual(["fine", "fine"])
})

test("the label under another name is a leak that is refused", () => {
  const twin = label.map((value) => (value === "TRUE" ? "yes" : "no"))
  expect(about(findingsOf({ noise, twin, label }), "leak")).toMatchObject({ level: "refused" })
})

test("a column that all but determines the label is named", () => {
  const after = range.map((index) => (index % 5 === 0 ? 1_000 + index : index % 90))
  expect(about(findingsOf({ noise, after, label }), "leak")).toMatchObject({
    level: "warning",
    sentence: expect.stringContaining("after nearly determines label"),
  })
})

test("cells that keep a column from being numbers are named, words for no value are blanked", () => {
  const price = range.map((index) => (index === 3 ? "12 EUR" : String(index % 50)))
  const weight = range.map((index) => (index % 10 === 0 ? "n/a" : String(index % 50)))
  const found = findingsOf({ noise, price, weight, label })
  expect(about(found, "nearly numbers")?.sentence).toContain('"12 EUR"')
  expect(about(found, "blank words")).toMatchObject({ level: "mended" })
})

test("columns that say nothing, or name the row, are named", () => {
  const same = range.map(() => "x")
  const id = range.map((index) => `row-${index}`)
  const empty = range.map(() => "")
  const found = findingsOf({ noise, same, id, empty, label })
  expect(found.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining(["one value", "names rows", "empty column"]),
  )
})

test("repeated rows and rows without a label are counted", () => {
  const found = findingsOf({ few: range.map((index) => String(index % 3)), label }, 12)
  expect(about(found, "identical rows")?.level).toBe("warning")
  expect(about(found, "no label")?.sentence).toContain("12 rows")
})

test("a label of one value, or with too few of a class, is refused", () => {
  expect(about(findingsOf({ noise, label: range.map(() => "TRUE") }), "label")?.level).toBe("refused")
  const rare = range.map((index) => (index < 5 ? "TRUE" : "FALSE"))
  expect(about(findingsOf({ noise, label: rare }), "label")?.sentence).toMatch(/5 of 400.*at least 20/)
})
