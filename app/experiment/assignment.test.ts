import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { assignmentOf, experimentSettings } from "./assignment.ts"

const units = Array.from({ length: 20_000 }, (_, index) => `person:${index}`)

describe("holdout", () => {
  it("holds out the share that the shop asks for", () => {
    const held = units.filter((unit) => assignmentOf(1, unit, 0.1) === "holdout").length
    // 20,000 draws: six standard deviations are 1.3 points
    expect(held / units.length).toBeGreaterThan(0.087)
    expect(held / units.length).toBeLessThan(0.113)
  })

  it("keeps a unit on its side, and a larger share only adds to the holdout", () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 0.5, noNaN: true }), (unit, share) => {
        const side = assignmentOf(7, unit, share)
        expect(assignmentOf(7, unit, share)).toBe(side)
        if (side === "holdout") expect(assignmentOf(7, unit, 0.5)).toBe("holdout")
      }),
    )
  })

  it("draws shops apart from each other", () => {
    const differ = units.filter((unit) => assignmentOf(1, unit, 0.5) !== assignmentOf(2, unit, 0.5)).length
    expect(differ / units.length).toBeGreaterThan(0.45)
    expect(differ / units.length).toBeLessThan(0.55)
  })

  it("holds nobody out at a share of 0, and one in ten without a setting", () => {
    expect(units.some((unit) => assignmentOf(1, unit, 0) === "holdout")).toBe(false)
    expect(experimentSettings.parse({}).holdoutShare).toBe(0.1)
  })
})
