import fc from "fast-check"
import { expect, test } from "vitest"
import { parseTimestamp } from "./timestamp.ts"

test("what toISOString writes reads back as the same millisecond", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("1900-01-01"), max: new Date("2200-01-01"), noInvalidDate: true }),
      (date) => {
        expect(parseTimestamp(date.toISOString())).toBe(date.getTime())
        expect(parseTimestamp(date.getTime())).toBe(date.getTime())
        expect(parseTimestamp(BigInt(date.getTime()))).toBe(date.getTime())
      },
    ),
  )
})

test.each([
  ["2026-03-01", "2026-03-01T00:00:00.000Z"],
  ["2026-03-01T10:20", "2026-03-01T10:20:00.000Z"],
  ["2026-03-01 10:20:30", "2026-03-01T10:20:30.000Z"],
  ["2026-03-01T10:20:30.5Z", "2026-03-01T10:20:30.500Z"],
  ["2026-03-01T10:20:30.123456789Z", "2026-03-01T10:20:30.123Z"],
  ["2026-03-01T10:20:30+02:00", "2026-03-01T08:20:30.000Z"],
  ["2026-03-01T10:20:30-0530", "2026-03-01T15:50:30.000Z"],
  ["2026-03-01T10:20:30+02", "2026-03-01T08:20:30.000Z"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
  ["1795521783659", "2026-11-24T12:03:03.659Z"],
])("%s is read as UTC where it names no offset", (text, iso) => {
  expect(new Date(parseTimestamp(text)).toISOString()).toBe(iso)
})

test.each([
  "yesterday",
  "2026-02-30",
  "2025-02-29",
  "2026-13-01",
  "2026-03-01T24:00:00Z",
  "2026-03-01T10:60:00Z",
  "2026-03-01T10:20:30.Z",
  "2026-03-01T10:20:30X",
  "2026-03-01T10:20:30+2:00",
  "2026-3-1",
  "03/01/2026",
  "12345678901234567890",
  "",
  null,
  true,
  Number.POSITIVE_INFINITY,
])("%s is no time", (value) => {
  expect(parseTimestamp(value)).toBeNaN()
})
