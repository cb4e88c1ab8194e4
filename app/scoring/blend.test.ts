import { readFileSync } from "node:fs"
import { describe, expect, it, test } from "vitest"
import { z } from "zod"
import { NO_BOOSTS, neighbourBoosts } from "./blend.ts"
import { itemNeighbours, type Neighbours, neighbourScores } from "./item-knn.ts"

/** Written by `python -m throughline.golden_neighbours`: the pipeline chooses the weight, the program adds it. */
const golden = z
  .object({
    floor: z.number(),
    items: z.number(),
    sequences: z.array(z.array(z.number())),
    weights: z.array(z.array(z.number())),
    histories: z.array(z.array(z.number())),
    boosts: z.array(z.array(z.number())),
  })
  .parse(JSON.parse(readFileSync(new URL("../../ml/golden-neighbours.json", import.meta.url), "utf8")))

/** Products are 1…N there and 0…N − 1 here. */
function neighboursOf(sequences: readonly (readonly number[])[]): Neighbours {
  const starts = [0]
  for (const items of sequences) starts.push((starts.at(-1) ?? 0) + items.length)
  const items = Int32Array.from(sequences.flat(), (item) => item - 1)
  return itemNeighbours({ items, starts: Int32Array.from(starts) }, golden.items)
}

const history = (rows: readonly number[]) => rows.filter((row) => row > 0).map((row) => row - 1)

test("neighbours are the pipeline's", () => {
  const { starts, items, weights } = neighboursOf(golden.sequences)
  for (const [source, expected] of golden.weights.entries()) {
    const came = new Array<number>(golden.items).fill(0)
    for (let at = starts[source] ?? 0; at < (starts[source + 1] ?? 0); at += 1)
      came[items[at] ?? 0] = weights[at] ?? 0
    for (const [target, weight] of expected.entries()) expect(came[target]).toBeCloseTo(weight, 6)
  }
})

test.each(golden.histories.map((rows, index) => ({ rows, index })))(
  "boosts are the pipeline's: history $rows",
  ({ rows, index }) => {
    const boosts = neighbourBoosts(neighboursOf(golden.sequences), history(rows), {
      weight: 1,
      floor: golden.floor,
    })
    const came = new Array<number>(golden.items).fill(0)
    for (const [place, row] of boosts.rows.entries()) came[row] = boosts.values[place] ?? 0
    for (const [row, expected] of (golden.boosts[index] ?? []).entries())
      expect(came[row]).toBeCloseTo(expected, 4)
  },
)

describe("boosts", () => {
  const blend = { weight: 0.5, floor: 1e-4 }

  it("name the product that speaks most for each, and what would be lost without it", () => {
    const neighbours = neighboursOf([
      [1, 2],
      [1, 2],
      [3, 2],
    ])
    const boosts = neighbourBoosts(neighbours, [2, 0], blend)
    const { scores, strongest } = neighbourScores(neighbours, [2, 0])
    const total = scores.reduce((sum, one) => sum + one, 0)
    const place = boosts.rows.indexOf(1)
    expect(boosts.because[place]).toBe(0)
    const boost = (votes: number) => 0.5 * Math.log1p(votes / total / 1e-4)
    expect(boosts.lost[place]).toBeCloseTo(
      boost(scores[1] ?? 0) - boost((scores[1] ?? 0) - (strongest[1] ?? 0)),
      5,
    )
    expect(boosts.lost[place]).toBeLessThanOrEqual(boosts.values[place] ?? 0)
  })

  it("are none without a history, without neighbours of it, and with weight 0", () => {
    const neighbours = neighboursOf([[1, 2]])
    expect(neighbourBoosts(neighbours, [], blend)).toBe(NO_BOOSTS)
    expect(neighbourBoosts(neighbours, [5], blend)).toBe(NO_BOOSTS)
    expect(neighbourBoosts(neighbours, [0], { ...blend, weight: 0 })).toBe(NO_BOOSTS)
  })

  it("stay within what a request may carry", () => {
    const everything = Array.from({ length: 400 }, (_, index) => index)
    const starts = Int32Array.of(0, 400, ...new Array<number>(400).fill(400))
    const neighbours = { starts, items: Int32Array.from(everything), weights: new Float32Array(400).fill(1) }
    expect(neighbourBoosts(neighbours, [0], blend).rows.length).toBe(200)
  })
})
