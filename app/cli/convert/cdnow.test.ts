import fc from "fast-check"
import { expect, test } from "vitest"
import type { PlainEvent } from "../../capture/event.ts"
import { eventsOfTransaction } from "./cdnow.ts"

test("a transaction is one order at noon of its day", () => {
  expect(eventsOfTransaction(" 00004 0001 19970802  1   14.96", 3)).toEqual([
    {
      shopper: "00004",
      type: "purchase",
      atMs: Date.UTC(1997, 7, 2, 12),
      priceCents: 1496,
      quantity: 1,
      currency: "USD",
      order: "line-3",
    },
  ])
})

test("dollars and CDs come out exactly, whether or not one divides the other", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 0, max: 99_999 }), (quantity, cents) => {
      const dollars = (cents / 100).toFixed(2)
      const lines = eventsOfTransaction(` 00004 0001 19970118 ${quantity} ${dollars}`, 1)
      if (typeof lines === "string") throw new Error(lines)
      const sum = (of: (line: PlainEvent) => number) => lines.reduce((total, line) => total + of(line), 0)
      expect(sum((line) => line.quantity ?? 0)).toBe(quantity)
      expect(sum((line) => (line.quantity ?? 0) * (line.priceCents ?? 0))).toBe(cents)
      expect(new Set(lines.map(({ order }) => order)).size).toBe(1)
      expect(lines.every((line) => (line.quantity ?? 0) > 0)).toBe(true)
    }),
  )
})

test.each([
  ["00004 0001 19970230 1 14.96", "bad_time"],
  ["00004 0001 19970118 0 14.96", "no_quantity"],
  ["00004 0001 19970118 1", "bad_line"],
  ["customer sample date cds dollars", "bad_line"],
])("%s is left out as %s", (line, reason) => {
  expect(eventsOfTransaction(line, 1)).toBe(reason)
})
