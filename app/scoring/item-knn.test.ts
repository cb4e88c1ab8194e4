import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { itemNeighbours, neighbourScores } from "./item-knn.ts"

function sequencesOf(people: readonly (readonly number[])[]) {
  const starts = [0]
  for (const items of people) starts.push((starts.at(-1) ?? 0) + items.length)
  return { items: Int32Array.from(people.flat()), starts: Int32Array.from(starts) }
}

function weight(
  people: readonly (readonly number[])[],
  itemCount: number,
  source: number,
  target: number,
): number {
  const neighbours = itemNeighbours(sequencesOf(people), itemCount)
  for (let at = neighbours.starts[source] ?? 0; at < (neighbours.starts[source + 1] ?? 0); at += 1)
    if (neighbours.items[at] === target) return neighbours.weights[at] ?? 0
  return 0
}

describe("item-kNN", () => {
  it("follows its formula on a case worked out by hand", () => {
    // 0 → 1 at gap 1 twice and at gap 2 once; n_0 = 2, n_1 = 3
    const people = [
      [0, 1],
      [0, 1, 1],
    ]
    const co = 1 + (1 + 2 ** -0.5)
    expect(weight(people, 2, 0, 1)).toBeCloseTo(co / (2 ** 0.5 * 3 ** 0.1 + 0.5), 6)
    expect(weight(people, 2, 1, 0)).toBeCloseTo((0.25 * co) / (3 ** 0.5 * 2 ** 0.1 + 0.5), 6)
  })

  it("agrees with counting every pair of every person", () => {
    const logs = fc.array(fc.array(fc.nat(5), { maxLength: 30 }), { maxLength: 8 })
    fc.assert(
      fc.property(logs, fc.nat(5), fc.nat(5), (people, source, target) => {
        const counts = (item: number) => people.flat().filter((one) => one === item).length
        let co = 0
        for (const items of people)
          for (const [i, a] of items.entries())
            for (const [j, b] of items.entries())
              if (a === source && b === target && i !== j && Math.abs(i - j) <= 20)
                co += (j > i ? 1 : 0.25) * Math.abs(i - j) ** -0.5
        const expected =
          source === target || co === 0 ? 0 : co / (counts(source) ** 0.5 * counts(target) ** 0.1 + 0.5)
        expect(weight(people, 6, source, target)).toBeCloseTo(expected, 5)
      }),
      { numRuns: 60 },
    )
  })

  it("never pairs two people's products", () => {
    expect(weight([[0], [1]], 2, 0, 1)).toBe(0)
  })

  it("lets the newest product of a history speak loudest, and names it", () => {
    const people = [
      [0, 2],
      [1, 3],
    ]
    const { scores, because } = neighbourScores(itemNeighbours(sequencesOf(people), 4), [0, 1])
    expect(scores[3]).toBeGreaterThan(scores[2] ?? 0)
    expect(because[3]).toBe(1)
    expect(because[2]).toBe(0)
  })
})
