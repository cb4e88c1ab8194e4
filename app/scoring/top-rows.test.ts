import fc from "fast-check"
import { expect, it } from "vitest"
import { topRows } from "./top-rows.ts"

it("gives the best allowed rows in order, and is short only where fewer are allowed", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ score: fc.integer({ min: -5, max: 5 }), allowed: fc.boolean() }), {
        maxLength: 60,
      }),
      fc.integer({ min: 0, max: 20 }),
      (rows, count) => {
        const expected = rows
          .map(({ score, allowed }, row) => ({ score, allowed, row }))
          .filter(({ allowed }) => allowed)
          .sort((a, b) => b.score - a.score || a.row - b.row)
          .slice(0, count)
          .map(({ row }) => row)
        const mask = Uint8Array.from(rows, ({ allowed }) => (allowed ? 1 : 0))
        expect(
          topRows(
            rows.map(({ score }) => score),
            mask,
            count,
          ),
        ).toEqual(expected)
      },
    ),
  )
})
