import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import * as ort from "onnxruntime-node"
import { goldenMismatch, type Precision } from "./golden.ts"
import { itemSlice } from "./item-arrays.ts"
import type { Golden } from "./model-files.ts"
import type { CachedFile, ItemArrays, LoadModel, ModelSource } from "./scorer-protocol.ts"

/** The two graphs that answer requests. */
export type ModelSessions = { encoder: ort.InferenceSession; scorer: ort.InferenceSession; fileBytes: number }

export type ItemMatrix = {
  /** (rows, D) float32; row 0 zeros. */
  vectors: ort.Tensor
  rows: number
  dimension: number
}

/** What the item tower reads. */
export type MatrixInputs = Pick<LoadModel, "files"> & ItemArrays

/** Items that the tower takes at once: some megabytes of working memory, whatever the catalogue. */
const TOWER_BATCH = 256

/**
 * One thread: a second one did not help these small graphs, and ONNX Runtime would otherwise start one for each core
 * of the machine, whatever the container may use.
 */
const SERVING: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  logSeverityLevel: 3,
}

/** Without an arena: it runs once for a catalogue, and an arena would keep its peak for good. */
const ONCE: ort.InferenceSession.SessionOptions = {
  ...SERVING,
  enableCpuMemArena: false,
  enableMemPattern: false,
}

/** The bytes that are checked are the bytes that are loaded. */
async function verified(name: string, file: CachedFile): Promise<Uint8Array> {
  const bytes = await readFile(file.path)
  const sha256 = createHash("sha256").update(bytes).digest("hex")
  if (sha256 !== file.sha256) throw new Error(`${name} has SHA-256 ${sha256}, expected ${file.sha256}`)
  return bytes
}

/** Parsed and checked when the model was registered; the hash says that it is still that file. */
async function readGolden(files: ModelSource): Promise<Golden> {
  return JSON.parse(new TextDecoder().decode(await verified("golden.json", files["golden.json"])))
}

const int32 = (rows: readonly (readonly number[])[]) =>
  new ort.Tensor("int32", Int32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])

const float32 = (rows: readonly (readonly number[])[]) =>
  new ort.Tensor("float32", Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])

function expectGolden(
  name: string,
  expected: readonly (readonly number[])[],
  output: ort.Tensor | undefined,
  precision: Precision,
): void {
  const data = output?.data
  if (!(data instanceof Float32Array) && !(data instanceof BigInt64Array))
    throw new Error(`golden check failed: no output ${name} of the expected type`)
  const mismatch = goldenMismatch(name, expected, data, precision)
  if (mismatch) throw new Error(`golden check failed: ${mismatch}`)
}

/** The item matrix of the golden products: their vectors under a row of zeros. */
const goldenMatrix = (golden: Golden) =>
  float32([
    new Array<number>(golden.items.item_vectors[0]?.length ?? 0).fill(0),
    ...golden.items.item_vectors,
  ])

async function checkServing(golden: Golden, encoder: ort.InferenceSession, scorer: ort.InferenceSession) {
  const item_vectors = goldenMatrix(golden)
  const feeds: Record<string, ort.Tensor> = { item_vectors }
  for (const name of Object.keys(golden.histories[0]?.inputs ?? {}))
    feeds[name] = int32(golden.histories.map((history) => history.inputs[name] ?? []))
  const encoded = await encoder.run(feeds)
  for (const [name, expected] of Object.entries(golden.outputs))
    expectGolden(name, expected, encoded[name], "float32")
  const unchecked = encoder.outputNames.filter((name) => !Object.hasOwn(golden.outputs, name))
  if (unchecked.length > 0)
    throw new Error(`golden check failed: nothing is expected of output ${unchecked.join(", ")}`)
  const { boost, eligible, k } = golden.scorer
  const ranked = await scorer.run({
    shopper_vector: float32(golden.outputs.shopper_vector),
    item_vectors,
    boost: float32(boost),
    eligible: new ort.Tensor("uint8", Uint8Array.from(eligible.flat()), [
      eligible.length,
      eligible[0]?.length ?? 0,
    ]),
    k: new ort.Tensor("int64", BigInt64Array.of(BigInt(k)), [1]),
  })
  expectGolden("top_scores", golden.scorer.top_scores, ranked.top_scores, "float32")
  expectGolden("top_items", golden.scorer.top_items, ranked.top_items, "exact")
}

/** Inputs of the tower by the names in its graph: (N, T), (N, TEXT_DIMENSION), (N,), (N,). */
function towerFeeds(items: ItemArrays): Record<string, ort.Tensor> {
  const count = items.itemPrice.length
  const width = (values: Int32Array | Float32Array) => values.length / Math.max(1, count)
  return {
    item_tokens: new ort.Tensor("int32", items.itemTokens, [count, width(items.itemTokens)]),
    item_text: new ort.Tensor("float32", items.itemText, [count, width(items.itemText)]),
    item_price: new ort.Tensor("int32", items.itemPrice, [count]),
    item_id: new ort.Tensor("int32", items.itemId, [count]),
  }
}

async function checkTower(golden: Golden, tower: ort.InferenceSession): Promise<void> {
  const { item_tokens, item_text, item_price, item_id } = golden.items.inputs
  const out = await tower.run(
    towerFeeds({
      itemTokens: Int32Array.from(item_tokens.flat()),
      itemText: Float32Array.from(item_text.flat()),
      itemPrice: Int32Array.from(item_price),
      itemId: Int32Array.from(item_id),
    }),
  )
  expectGolden("item_vectors", golden.items.item_vectors, out.item_vectors, "float32")
}

/** Loads encoder and scorer after SHA-256 and golden checks. The tower is checked as well, at each use. */
export async function openSessions(files: ModelSource): Promise<ModelSessions> {
  const golden = await readGolden(files)
  const encoderBytes = await verified("encoder.onnx", files["encoder.onnx"])
  const scorerBytes = await verified("scorer.onnx", files["scorer.onnx"])
  const encoder = await ort.InferenceSession.create(encoderBytes, SERVING)
  const scorer = await ort.InferenceSession.create(scorerBytes, SERVING)
  await checkServing(golden, encoder, scorer)
  return { encoder, scorer, fileBytes: encoderBytes.byteLength + scorerBytes.byteLength }
}

/** Runs the item tower over a catalogue, some hundred products at a time, so that requests run in between. */
export async function itemMatrix(load: MatrixInputs): Promise<ItemMatrix> {
  const golden = await readGolden(load.files)
  const tower = await ort.InferenceSession.create(
    await verified("item_tower.onnx", load.files["item_tower.onnx"]),
    ONCE,
  )
  try {
    await checkTower(golden, tower)
    const items = load.itemPrice.length
    const dimension = golden.items.item_vectors[0]?.length ?? 0
    const vectors = new Float32Array((items + 1) * dimension)
    for (let from = 0; from < items; from += TOWER_BATCH) {
      const to = Math.min(items, from + TOWER_BATCH)
      const out = await tower.run(towerFeeds(itemSlice(load, from, to)))
      const values = out.item_vectors?.data
      if (!(values instanceof Float32Array) || values.length !== (to - from) * dimension)
        throw new Error("the item tower gave no vectors of the expected shape")
      vectors.set(values, (from + 1) * dimension)
    }
    return {
      vectors: new ort.Tensor("float32", vectors, [items + 1, dimension]),
      rows: items + 1,
      dimension,
    }
  } finally {
    await tower.release()
  }
}
