import { expect, test } from "vitest"
import { mergedText, mergeRuns, type NamedRun } from "./merge.ts"
import { parseRun } from "./results-file.ts"

function run(seed: number, figures: Record<string, number>, overrides: object = {}): NamedRun {
  const best = Object.entries(figures).sort(([, a], [, b]) => b - a)[0]?.[0]
  const value = {
    target: "next-event",
    split: "time",
    seed,
    cut: null,
    data: "abc",
    decided_by: "NDCG@10",
    rows: Object.entries(figures).map(([model, figure]) => ({
      model,
      chosen: model === best,
      metrics: { "NDCG@10": figure },
      interval: { "NDCG@10": [figure - 0.01, figure + 0.01] },
    })),
    ...overrides,
  }
  return { file: `${seed}.json`, run: parseRun(`${seed}.json`, JSON.stringify(value)) }
}

test("mean and sample standard deviation of each model, and of whichever was chosen", () => {
  const merged = mergeRuns([
    run(1, { knn: 0.5, net: 0.4 }),
    run(2, { knn: 0.5, net: 0.6 }),
    run(3, { knn: 0.5, net: 0.8 }),
  ])
  const [knn, net] = merged.rows
  expect(knn).toMatchObject({ chosenIn: 1, metrics: { "NDCG@10": 0.5 }, spread: { "NDCG@10": 0 } })
  expect(net?.metrics["NDCG@10"]).toBeCloseTo(0.6)
  expect(net?.spread["NDCG@10"]).toBeCloseTo(0.2)
  expect(merged.chosen.metrics["NDCG@10"]).toBeCloseTo((0.5 + 0.6 + 0.8) / 3)
  expect(mergedText(merged)).toContain("net (chosen 2 of 3 times)")
})

test.each([
  ["another split", { split: "leave-one-out" }, /another split/],
  ["another target", { target: "purchase" }, /another target/],
  ["other data", { data: "def" }, /another data/],
  ["another cut", { cut: "2026-01-01T00:00:00.000Z" }, /another cut/],
])("runs of %s are refused", (_, overrides, message) => {
  expect(() => mergeRuns([run(1, { knn: 0.5 }), run(2, { knn: 0.5 }, overrides)])).toThrow(message)
})

test("one seed twice is refused, and so is a file that no evaluation wrote", () => {
  expect(() => mergeRuns([run(1, { knn: 0.5 }), run(1, { knn: 0.5 })])).toThrow(/both of seed 1/)
  expect(() => parseRun("x.json", "{}")).toThrow(/x.json is not the file of one evaluation: target/)
})
