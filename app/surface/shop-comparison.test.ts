import { expect, test } from "vitest"
import { type ComparisonRow, comparisonOf, kindsCompared } from "./shop-comparison.ts"
import { isMoving } from "./shop-history.ts"

const nowMs = Date.UTC(2026, 10, 24, 12)
const DAY_MS = 86_400_000

const row = (over: Partial<ComparisonRow>): ComparisonRow => ({
  state: "done",
  counts: { order: { checked: 4, missing: 1, stale: 0, gone: 0 } },
  message: null,
  finishedAtMs: nowMs - DAY_MS,
  ...over,
})
const running = row({ state: "running", finishedAtMs: null })
const state = (latest: ComparisonRow | null, nextAtMs: number | null) =>
  comparisonOf(latest, null, nextAtMs, nowMs).state

test("it is asked for until its run is there, and runs while its job keeps its lease", () => {
  expect(state(null, nowMs + DAY_MS)).toBe("idle")
  expect(state(row({}), nowMs - 1)).toBe("asked")
  expect(state(running, nowMs + 12_000)).toBe("running")
  // Where no job is planned somebody else runs it.
  expect(state(running, null)).toBe("running")
})

test("one that was cut off says when it goes on, and is nothing to follow", () => {
  const comparison = comparisonOf(running, null, nowMs + 15 * 60_000, nowMs)
  expect(comparison).toMatchObject({ state: "paused", nextAtMs: nowMs + 15 * 60_000 })
  expect(isMoving({ parts: [], comparison })).toBe(false)
})

test("while it runs, the one before is still told", () => {
  const { soFar, last } = comparisonOf(running, row({}), nowMs, nowMs)
  const kinds = [{ kind: "order", checked: 4, missing: 1, stale: 0, gone: 0 }]
  expect(soFar).toEqual(kinds)
  expect(last).toEqual({ finishedAtMs: nowMs - DAY_MS, kinds })
})

test("kinds of which there was none, and what cannot be read, are left out", () => {
  const none = { checked: 0, missing: 0, stale: 0, gone: 0 }
  const counts = { order: { ...none, checked: 2 }, collection: none, product: { ...none, gone: 1 } }
  expect(kindsCompared({ ...counts, customer: "?", planet: counts.order })).toEqual([
    { kind: "product", ...none, gone: 1 },
    { kind: "order", ...none, checked: 2 },
  ])
  expect(kindsCompared(null)).toEqual([])
})
