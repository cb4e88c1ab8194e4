import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { csvReader } from "../../capture/csv-records.ts"
import { EVENT_TYPES, type PlainEvent } from "../../capture/event.ts"
import { EVENT_COLUMNS, parseEventRow } from "../../capture/event-row.ts"
import { eventLine, openOutput } from "./output.ts"

const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((value) => !/\0/.test(value))
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const anyEvent: fc.Arbitrary<PlainEvent> = fc.record({
  shopper: text,
  type: fc.constantFrom(...EVENT_TYPES),
  atMs: fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2025, 0, 1) }),
  item: optional(text),
  priceCents: optional(fc.nat()),
  currency: optional(fc.constantFrom("EUR", "GBP")),
  quantity: optional(fc.integer({ min: 1, max: 1_000 })),
  session: optional(text),
  order: optional(text),
  query: optional(text),
  source: optional(text),
  id: optional(text),
})

test("the import reads back each event as it was, from CSV and from JSON lines", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const reader = csvReader()
      const records = [...reader.push(eventLine(event, "csv"), 1, null), ...reader.end()]
      expect(records).toHaveLength(1)
      const values = records[0]?.fields ?? []
      const row = Object.fromEntries(EVENT_COLUMNS.map((column, index) => [column, values[index]]))
      const nowMs = Date.UTC(2026, 0, 1)
      expect(parseEventRow(row, nowMs)).toEqual(event)
      expect(parseEventRow(JSON.parse(eventLine(event, "jsonl")), nowMs)).toEqual(event)
    }),
  )
})

test("nothing stands in the folder under its name until all of it is written, and nothing at all after a stop", async () => {
  const folder = await mkdtemp(join(tmpdir(), "convert-"))
  try {
    const event: PlainEvent = { shopper: "a", type: "purchase", atMs: 0 }
    const stopped = await openOutput(folder, "csv")
    await stopped.writeEvents([event])
    await stopped.writeItems([{ item: "x", title: "X" }])
    expect((await readdir(folder)).filter((name) => !name.endsWith(".partial"))).toEqual([])
    await stopped.abort()
    expect(await readdir(folder)).toEqual([])

    const whole = await openOutput(folder, "csv")
    await whole.writeEvents([event])
    await whole.writeItems([])
    expect(await whole.commit()).toEqual([join(folder, "events.csv")])
    expect(await readdir(folder)).toEqual(["events.csv"])
    expect(await readFile(join(folder, "events.csv"), "utf8")).toMatch(/^shopper,.*\na,purchase,1970.*\n$/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
