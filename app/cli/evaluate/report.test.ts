import { expect, test } from "vitest"
import { pictureFigure } from "../report/charts.ts"
import { reportHtml } from "./report.ts"
import { resultSchema } from "./results.ts"
import { resultsJson } from "./results-file.ts"
import { resultsText } from "./results-text.ts"

const row = (model: string, auc: number, overrides: object = {}) => ({
  model,
  metrics: { Brier: 0.1, AUC: auc },
  interval: { AUC: [auc - 0.02, auc + 0.02], Brier: [0.09, 0.11] },
  chosen: false,
  ...overrides,
})

const result = resultSchema.parse({
  target: "purchase",
  split: "time",
  seed: 3,
  decided_by: "AUC",
  rows: [
    row("recency", 0.7),
    row("trees <b>", 0.8, { chosen: true, setting: "depth 3" }),
    row("refit", 0.82, { reference: true }),
  ],
  cases: { visits: 12_000 },
  differences: [{ of: "trees <b>", over: "recency", metric: "AUC", gain: 0.1, low: 0.08, high: 0.12 }],
  pictures: [
    {
      kind: "calibration",
      title: "Said and happened",
      x: "said",
      y: "happened",
      series: [
        {
          name: "trees",
          points: [
            [0, 0.01],
            [1, 0.9],
          ],
        },
      ],
    },
    {
      kind: "scaling",
      title: "More data",
      x: "events",
      y: "AUC",
      series: [
        {
          name: "trees",
          points: [
            [100, 0.6],
            [10_000, 0.8],
          ],
        },
      ],
    },
    {
      kind: "importance",
      title: "What counts",
      x: "",
      y: "loss",
      series: [{ name: "pages", points: [[0, 0.2]] }],
    },
    {
      kind: "deciles",
      title: "Deciles",
      x: "decile",
      y: "spend",
      series: [
        {
          name: "said",
          points: [
            [1, 0],
            [2, 5],
          ],
        },
      ],
    },
  ],
  notes: ["Trees read 46 features."],
})
const findings = [{ level: "warning" as const, subject: "holes", sentence: "2 days without <any> event." }]

test("the table marks the chosen row, sets references apart and says whether a difference is certain", () => {
  const lines = resultsText(result).split("\n")
  expect(lines.find((line) => line.includes("Brier"))).toMatch(/^ +AUC +95 % interval +Brier$/)
  expect(lines.find((line) => line.startsWith("★ trees"))).toMatch(/0\.8000 +0\.7800–0\.8200 +0\.1000$/)
  expect(lines.indexOf("  to compare with, never chosen:")).toBeGreaterThan(
    lines.findIndex((line) => line.includes("recency")),
  )
  expect(resultsText(result)).toMatch(/✓ over recency +\+0\.1000 +\+0\.0800 to \+0\.1200/)
})

const RANKING = ["R@5", "R@10", "R@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"]

/** As large as a next-basket run: many models, each with every figure and a difference in three of them. */
const large = resultSchema.parse({
  ...result,
  decided_by: "NDCG@10",
  rows: Array.from({ length: 40 }, (_, index) => ({
    model: `model ${index} with a name that is ${index === 3 ? "very " : ""}long`,
    metrics: Object.fromEntries(RANKING.map((metric) => [metric, index / 100])),
    interval: Object.fromEntries(RANKING.map((metric) => [metric, [index / 100, index / 90]])),
    chosen: index === 19,
    setting: index === 19 ? "0.25 of one and 0.75 of another, ".repeat(6) : "",
    reference: index >= 20,
  })),
  differences: Array.from({ length: 19 }, (_, index) =>
    ["R@10", "NDCG@10", "HR@10"].map((metric) => ({
      of: "model 19",
      over: `model ${index}`,
      metric,
      gain: (19 - index) / 100,
      low: (16 - index) / 100,
      high: (22 - index) / 100,
    })),
  ).flat(),
  notes: ["A note that goes on and on. ".repeat(12)],
})

test("no line is longer than a terminal beside an editor, however many models and figures there are", () => {
  const lines = resultsText(large).split("\n")
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100)
  const [head = ""] = lines.filter((line) => line.includes("95 % interval  "))
  expect(head).toMatch(/NDCG@10 +95 % interval.* R@10/)
  const [hidden = ""] = lines.filter((line) => line.includes("In the report alone:"))
  for (const metric of RANKING) expect(`${head} ${hidden}`).toContain(metric)
  expect(hidden).toContain("12 more rows to compare with")
  expect(resultsText(large)).toContain("model 39 with a name")
})

test("differences are told in the deciding figure alone, the hardest rivals first, the surely beaten in a line", () => {
  const lines = resultsText(large).split("\n")
  const told = lines.filter((line) => /^ {2}[✓✗≈] over model/.test(line))
  expect(told).toHaveLength(8)
  expect(told[0]).toMatch(/≈ over model 18 +\+0\.0100 +−0\.0200 to \+0\.0400/)
  expect(told.at(-1)).toContain("✓ over model 11")
  expect(lines).toContain("  ✓ over the 11 others")
})

test("where less is better, the rows to compare with that have least are shown", () => {
  const text = resultsText({ ...large, decided_by: "MRR@20" })
  const errors = large.rows.map((row, index) => ({ ...row, metrics: { RMSE: index }, interval: {} }))
  const least = resultsText({ ...large, decided_by: "RMSE", rows: errors, differences: [] })
  expect(text).not.toContain("model 20 with")
  expect(least).toContain("model 20 with")
  expect(least).not.toContain("model 39 with")
})

test("a row of the file has exactly the model, whether it was chosen, its metrics and its intervals", () => {
  const file = JSON.parse(resultsJson(result, findings, { cutMs: null, data: "abc" }))
  for (const one of file.rows) expect(Object.keys(one)).toEqual(["model", "chosen", "metrics", "interval"])
  expect(file.rows.filter((one: { chosen: boolean }) => one.chosen)).toHaveLength(1)
  expect(file).toMatchObject({ target: "purchase", split: "time", seed: 3, data: "abc", cut: null })
  expect(file.notes).toEqual(["warning: holes: 2 days without <any> event.", "Trees read 46 features."])
})

test("the report stands alone and shows text as text", () => {
  const html = reportHtml({
    result,
    findings,
    command: "npm run evaluate -- --events a.csv",
    data: ["a.csv"],
  })
  expect(html).not.toMatch(/<script|https?:|<link|url\(/)
  expect(html).toContain("trees &lt;b&gt;")
  expect(html).toContain("2 days without &lt;any&gt; event.")
  for (const { title } of result.pictures) expect(html).toContain(title)
  expect(html.match(/<svg/g)?.length).toBeGreaterThan(result.pictures.length)
  expect(html).not.toMatch(/NaN|Infinity|undefined/)
})

test("the report says in words what the chosen model is ahead of, and what may be chance", () => {
  const html = reportHtml({ result: large, findings, command: "", data: [] })
  expect(html).toContain("It is ahead, beyond chance, of: model 0; model 1; model 2; model 3 and 12 more.")
  expect(html).toContain("May be chance: the difference to model 16; model 17; model 18.")
  expect(html).toContain("NDCG@10: How many of the products that came")
})

test("many rows to compare with are folded away, and so are gains in other figures; none is left out", () => {
  const html = reportHtml({ result: large, findings, command: "", data: [] })
  expect(html).toMatch(/<details><summary>20 rows to compare with, never chosen/)
  expect(html).toMatch(/<details><summary>The same in HR@10/)
  expect(html).not.toContain("The same in NDCG@10")
  for (const { model } of large.rows) expect(html).toContain(`>${model}</th>`)
  expect(reportHtml({ result, findings, command: "", data: [] })).toMatch(/<details open><summary>1 row to/)
})

test("a detail that one row alone has is told under the table", () => {
  const rows = large.rows.map((row) => ({
    ...row,
    detail: { coverage: 0.5, ...(row.chosen && { cold: 0.25 }) },
  }))
  const html = reportHtml({ result: { ...large, rows }, findings, command: "", data: [] })
  expect(html).toContain("cold 0.2500.</p>")
  expect(html).not.toContain('<th scope="col">cold')
})

test("a picture of a single point or of none is drawn all the same", () => {
  const of = (points: [number, number][]) =>
    pictureFigure({ kind: "learning", title: "t", x: "x", y: "y", note: "", series: [{ name: "a", points }] })
  expect(of([[1, 0]])).not.toContain("NaN")
  expect(of([])).toContain("Nothing to draw")
})
