import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { readScaling, scalingReport, scalingText } from "./scaling-report.ts"

const folder = mkdtempSync(join(tmpdir(), "throughline-scaling-"))
afterAll(() => rmSync(folder, { recursive: true }))

const point = (size: number, share: number, ndcg: number) => ({
  size,
  share,
  events: 40_000 * share,
  weights: 1_000 * size,
  epochs: 10,
  loss: 5,
  "NDCG@10": ndcg,
})
const points = [point(16, 0.25, 0.11), point(16, 1, 0.15), point(32, 0.25, 0.12), point(32, 1, 0.19)]
const picture = {
  kind: "scaling",
  title: "The base model over sizes and amounts of data",
  x: "events learned from",
  y: "NDCG@10 on the validation parts",
  series: [16, 32].map((size) => ({
    name: `d ${size}`,
    points: points.filter((one) => one.size === size).map((one) => [one.events, one["NDCG@10"]]),
  })),
  note: "No ids.",
}

function written() {
  const file = join(folder, "scaling.json")
  writeFileSync(file, JSON.stringify({ points, pictures: [picture] }))
  return readScaling(file)
}

test("the page draws a line a size with a point a share, and holds every figure", () => {
  const html = scalingReport({ ...written(), seed: 3, logs: 2 })
  expect(html.match(/<polyline/g)).toHaveLength(2)
  expect(html.match(/<circle/g)).toHaveLength(4)
  expect(html).toContain("2 logs, seed 3.")
  expect(html).toContain('<th scope="row">d 32</th><td>100 %</td><td>40,000</td>')
})

test("the terminal shows the same figures", () => {
  const [heading, ...lines] = scalingText(written().points).split("\n")
  expect(heading).toMatch(/^Size +Shoppers +Events learned from +Weights +Epochs +NDCG@10$/)
  expect(lines.map((line) => line.split(/ {2,}/).at(-1))).toEqual(["0.1100", "0.1500", "0.1200", "0.1900"])
})
