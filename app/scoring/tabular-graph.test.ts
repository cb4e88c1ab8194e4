import { readFile } from "node:fs/promises"
import { InferenceSession, Tensor } from "onnxruntime-node"
import { describe, expect, it } from "vitest"
import { goldenMismatch } from "./golden.ts"
import { readGraphContents } from "./onnx-graph.ts"

type GoldenTable = {
  /** The graph's bytes in base64. */
  graph: string
  /** A row's encoded columns; null is a blank. */
  columns: (number | null)[][]
  predictions: number[]
}

/** Written by `python -m throughline.tabular.golden`; ml's tests hold it against the models that it came from. */
const golden = JSON.parse(
  await readFile(new URL("../../ml/golden-tabular.json", import.meta.url), "utf8"),
) as GoldenTable
const bytes = Buffer.from(golden.graph, "base64")
const width = golden.columns[0]?.length ?? 0

async function predictions(rows: readonly (readonly (number | null)[])[]): Promise<ArrayLike<number>> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 })
  const cells = Float32Array.from(rows.flat(), (cell) => cell ?? Number.NaN)
  const { prediction } = await session.run({ columns: new Tensor("float32", cells, [rows.length, width]) })
  if (!(prediction?.data instanceof Float32Array)) throw new Error("expected float32 predictions")
  return prediction.data
}

describe("the graph of a table's models (linear, forest, boosted trees with and without pairs, blend and calibration)", () => {
  it("says here what it says in the pipeline, blanks included", async () => {
    expect(golden.columns.flat()).toContain(null)
    const expected = golden.predictions.map((one) => [one])
    expect(goldenMismatch("prediction", expected, await predictions(golden.columns), "float32")).toBeNull()
  })

  it("does not take a blank for a zero", async () => {
    const filled = golden.columns.map((row) => row.map((cell) => cell ?? 0))
    const expected = golden.predictions.map((one) => [one])
    expect(goldenMismatch("prediction", expected, await predictions(filled), "float32")).not.toBeNull()
  })

  it("scores a row alone as it does among others", async () => {
    const [first] = golden.columns
    if (!first) throw new Error("expected golden rows")
    const [alone] = Array.from(await predictions([first]))
    expect(alone).toBeCloseTo(golden.predictions[0] ?? Number.NaN, 5)
  })

  it("holds trees beside plain tensor operators, and nothing else", () => {
    const contents = readGraphContents(bytes)
    expect([...contents.operators].filter((operator) => !operator.startsWith(":"))).toEqual([
      "ai.onnx.ml:TreeEnsembleRegressor",
    ])
    expect(contents.hasFunctions || contents.hasNestedGraphs || contents.hasExternalData).toBe(false)
  })
})
