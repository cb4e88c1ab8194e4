import fc from "fast-check"
import { expect, test } from "vitest"
import { csvReader, MAX_RECORD_CHARS } from "./csv-records.ts"

function readAll(blocks: string[], badLines: number[] = []) {
  const reader = csvReader()
  let line = 1
  const records = []
  for (const block of blocks) {
    records.push(...reader.push(block, line, new Set(badLines)))
    line += block.split("\n").length - 1
  }
  return [...records, ...reader.end()].map(({ line: at, fields, reason }) => ({
    line: at,
    ...(fields ? { fields } : { reason }),
  }))
}

const quoted = (field: string) => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)

/** Cuts a text into blocks of whole lines, as the file reader does. */
function blocksOf(text: string, linesABlock: number): string[] {
  const lines = text.split(/(?<=\n)/)
  const blocks = []
  for (let at = 0; at < lines.length; at += linesABlock)
    blocks.push(lines.slice(at, at + linesABlock).join(""))
  return blocks
}

test("any table written as CSV reads back, with the line of each record, however the file is cut into blocks", () => {
  const field = fc.stringMatching(/^[a-z",\n ]{0,6}$/)
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      table,
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom("\n", "\r\n"),
      (rows, linesABlock, end) => {
        const records = rows.map((row) => row.map(quoted).join(","))
        const text = records.map((record) => record + end).join("")
        let line = 1
        const expected = rows.map((fields, index) => {
          const record = { line, fields }
          line += (records[index] ?? "").split("\n").length
          return record
        })
        expect(readAll(blocksOf(text, linesABlock))).toEqual(expected)
      },
    ),
  )
})

test("blank lines are skipped and the last line needs no line feed", () => {
  expect(readAll(["a,b\n\n\r\n", "c,d"])).toEqual([
    { line: 1, fields: ["a", "b"] },
    { line: 4, fields: ["c", "d"] },
  ])
})

test("a quote inside an unquoted field is a character like others", () => {
  expect(readAll(['5" screen,x\n'])).toEqual([{ line: 1, fields: ['5" screen', "x"] }])
})

test("text after a closed quote costs that record alone", () => {
  expect(readAll(['a,"b"c\nd,e\n'])).toEqual([
    { line: 1, reason: "bad_csv" },
    { line: 2, fields: ["d", "e"] },
  ])
})

test("a quote that never closes costs its own line and no other", () => {
  expect(readAll(['a,b\nc,"d\ne,f\n', "g,h\n"])).toEqual([
    { line: 1, fields: ["a", "b"] },
    { line: 2, reason: "bad_csv" },
    { line: 3, fields: ["e", "f"] },
    { line: 4, fields: ["g", "h"] },
  ])
})

test("a quote open over more than a mebibyte is given up without waiting for the end", () => {
  const lines = Array.from({ length: 3 }, () => `${"x".repeat(MAX_RECORD_CHARS / 2)},y\n`)
  const reader = csvReader()
  let records = reader.push('a,"b\n', 1, null)
  for (const [index, block] of lines.entries()) records = records.concat(reader.push(block, index + 2, null))
  expect(records.map(({ line, reason }) => [line, reason])).toEqual([
    [1, "bad_csv"],
    [2, undefined],
    [3, undefined],
    [4, undefined],
  ])
})

test("a record that touches a line of broken UTF-8 is set aside", () => {
  expect(readAll(['a,b\nc,"d\ne"\nf,g\n'], [3])).toEqual([
    { line: 1, fields: ["a", "b"] },
    { line: 2, reason: "broken_utf8" },
    { line: 4, fields: ["f", "g"] },
  ])
})
