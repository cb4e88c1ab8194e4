import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { customerCuts, customerTestMs } from "./customer-cuts.ts"

const DAY_MS = 86_400_000
const day = (days: number) => days * DAY_MS

describe("moments at which customers are looked at", () => {
  test("a log is cut at the start of the day in its middle", () => {
    const start = Date.UTC(1997, 0, 1, 12)
    expect(customerTestMs(start, Date.UTC(1998, 5, 30, 12))).toBe(Date.UTC(1997, 9, 1))
  })

  test("a horizon as long as the window before it is learnt from shorter ones that end with the window", () => {
    const cuts = customerCuts({ startMs: 0, testMs: day(273), endMs: day(546) })
    const main = cuts.filter((cut) => cut.questionDays === 0)
    expect(main.map((cut) => cut.role)).toEqual(["validation", "train", "train", "train", "test"])
    expect(main.map((cut) => Math.round(cut.asOfMs / day(7)))).toEqual([26, 24, 22, 20, 39])
    expect(new Set(main.slice(0, 4).map((cut) => cut.untilMs))).toEqual(new Set([day(273)]))
  })

  test("a horizon that fits several times is learnt from outcomes of its own length, one after another", () => {
    const cuts = customerCuts({ startMs: 0, testMs: day(273), endMs: day(546) })
    const month = cuts.filter((cut) => cut.questionDays === 30)
    expect(month.map((cut) => [cut.role, cut.asOfMs / DAY_MS])).toEqual([
      ["validation", 243],
      ["train", 213],
      ["train", 183],
      ["train", 153],
      ["test", 273],
    ])
    expect(cuts.some((cut) => cut.questionDays === 90)).toBe(false)
  })

  test("no outcome but the test's reaches past the test cut, and none past the log", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 }), (before, after) => {
        const window = { startMs: 0, testMs: day(before), endMs: day(before + after) }
        const cuts = customerCuts(window)
        const roles = cuts.filter((cut) => cut.questionDays === 0).map((cut) => cut.role)
        expect(roles.filter((role) => role !== "train")).toEqual(["validation", "test"])
        expect(roles).toContain("train")
        for (const cut of cuts) {
          expect(cut.untilMs).toBeGreaterThan(cut.asOfMs)
          expect(cut.untilMs).toBeLessThanOrEqual(cut.role === "test" ? window.endMs : window.testMs)
          expect(cut.asOfMs).toBeGreaterThan(window.startMs)
        }
      }),
    )
  })

  test("a log without a before or an after has no moments", () => {
    expect(customerCuts({ startMs: 5, testMs: 5, endMs: 9 })).toEqual([])
    expect(customerCuts({ startMs: 5, testMs: 9, endMs: 9 })).toEqual([])
  })
})
