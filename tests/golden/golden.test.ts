import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as ort from "onnxruntime-node"
import { describe, expect, test } from "vitest"
import { z } from "zod"
import { catalogueOf } from "../../app/features/catalogue.ts"
import { CONTRACT_HASH } from "../../app/features/contract.ts"
import { HISTORY_COLUMNS, historyInputs } from "../../app/features/history-inputs.ts"
import { itemInputs } from "../../app/features/item-inputs.ts"
import { readTextEncoder } from "../../app/features/text-encoder.server.ts"

/** The committed model: golden vectors from events to inputs, and from inputs to outputs. */
const folder = new URL("../../ml/demo-model/", import.meta.url)
const bytes = (name: string) => readFileSync(fileURLToPath(new URL(name, folder)))

const row = z.array(z.number())
const eventSchema = z.object({
  type: z.enum([
    "login",
    "collection_view",
    "product_view",
    "cart_add",
    "checkout_start",
    "checkout_payment",
    "purchase",
    "refund",
  ]),
  atMs: z.number(),
  receivedMs: z.number(),
  productId: z.number().nullable(),
  priceCents: z.number().nullable(),
  quantity: z.number().nullable(),
  source: z.string().nullable(),
})
const itemSchema = z.object({
  productId: z.number(),
  externalId: z.string(),
  title: z.string(),
  description: z.string(),
  category: z.string(),
  brand: z.string(),
  priceCents: z.number().nullable(),
  available: z.boolean(),
})
const golden = z
  .object({
    contract_hash: z.string(),
    items: z.object({
      sources: z.array(itemSchema),
      inputs: z.object({ item_tokens: z.array(row), item_text: z.array(row), item_price: row, item_id: row }),
      item_vectors: z.array(row),
    }),
    histories: z.array(
      z.object({
        name: z.string(),
        asOfMs: z.number(),
        events: z.array(eventSchema),
        inputs: z.record(z.enum(HISTORY_COLUMNS), row),
      }),
    ),
    outputs: z.object({ shopper_vector: z.array(row) }).catchall(z.array(row)),
    scorer: z.object({
      boost: z.array(row),
      eligible: z.array(row),
      k: z.number(),
      top_scores: z.array(row),
      top_items: z.array(row),
    }),
  })
  .parse(JSON.parse(bytes("golden.json").toString("utf8")))
const manifest = z
  .object({ contract_hash: z.string(), sha256: z.record(z.string(), z.string()) })
  .parse(JSON.parse(bytes("manifest.json").toString("utf8")))

const int32 = (rows: readonly (readonly number[])[]) =>
  new ort.Tensor("int32", Int32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])
const int32Vector = (values: readonly number[]) =>
  new ort.Tensor("int32", Int32Array.from(values), [values.length])
const float32 = (rows: readonly (readonly number[])[]) =>
  new ort.Tensor("float32", Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])

async function run(graph: string, feeds: Record<string, ort.Tensor>) {
  const session = await ort.InferenceSession.create(bytes(graph), { intraOpNumThreads: 1 })
  return session.run(feeds)
}

function largestExcess(came: ort.Tensor | undefined, expected: readonly (readonly number[])[]): number {
  const flat = expected.flat()
  expect(came?.data).toBeInstanceOf(Float32Array)
  expect(came?.data.length).toBe(flat.length)
  const data = came?.data instanceof Float32Array ? came.data : new Float32Array()
  return Math.max(
    ...flat.map(
      (value, index) => Math.abs((data[index] ?? Number.NaN) - value) - (1e-5 + 1e-4 * Math.abs(value)),
    ),
  )
}

const itemVectors = () => {
  const width = golden.items.item_vectors[0]?.length ?? 0
  return float32([new Array<number>(width).fill(0), ...golden.items.item_vectors])
}

describe("the committed model", () => {
  test("was made for the inputs that this program computes, and no file of it is damaged", () => {
    expect(manifest.contract_hash).toBe(CONTRACT_HASH)
    expect(golden.contract_hash).toBe(CONTRACT_HASH)
    for (const [name, sha256] of Object.entries(manifest.sha256))
      expect(createHash("sha256").update(bytes(name)).digest("hex"), name).toBe(sha256)
  })

  test("takes at most 4 MB", () => {
    const sizes = [...Object.keys(manifest.sha256), "manifest.json"].map((name) => bytes(name).byteLength)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4 * 1024 * 1024)
  })

  test("products give the inputs that the pipeline was given", () => {
    const catalogue = catalogueOf(golden.items.sources)
    const encoder = readTextEncoder()
    const inputs = golden.items.sources.map((item, index) =>
      itemInputs(item, catalogue.priceEdges, golden.items.inputs.item_id[index] ?? 0, encoder),
    )
    expect(inputs.map((one) => Array.from(one.tokens))).toEqual(golden.items.inputs.item_tokens)
    expect(inputs.map((one) => Array.from(one.text))).toEqual(golden.items.inputs.item_text)
    expect(inputs.map((one) => one.price)).toEqual(golden.items.inputs.item_price)
  })

  test.each(golden.histories)("events give the inputs that the pipeline was given: $name", (history) => {
    const inputs = historyInputs(history.events, catalogueOf(golden.items.sources), history.asOfMs)
    for (const name of HISTORY_COLUMNS) expect(Array.from(inputs[name]), name).toEqual(history.inputs[name])
  })

  test("the item tower gives the pipeline's vectors", async () => {
    const { item_tokens, item_text, item_price, item_id } = golden.items.inputs
    const out = await run("item_tower.onnx", {
      item_tokens: int32(item_tokens),
      item_text: float32(item_text),
      item_price: int32Vector(item_price),
      item_id: int32Vector(item_id),
    })
    expect(largestExcess(out.item_vectors, golden.items.item_vectors)).toBeLessThanOrEqual(0)
  })

  test("the encoder gives the pipeline's shopper vectors and heads, and no other output", async () => {
    const columns = HISTORY_COLUMNS.map(
      (name) => [name, int32(golden.histories.map((history) => history.inputs[name]))] as const,
    )
    const out = await run("encoder.onnx", { item_vectors: itemVectors(), ...Object.fromEntries(columns) })
    expect(Object.keys(out).sort()).toEqual(Object.keys(golden.outputs).sort())
    for (const [name, expected] of Object.entries(golden.outputs))
      expect(largestExcess(out[name], expected), name).toBeLessThanOrEqual(0)
  })

  test("the scorer gives the pipeline's ranking, and never a product that is not eligible", async () => {
    const { boost, eligible, k, top_scores, top_items } = golden.scorer
    const out = await run("scorer.onnx", {
      shopper_vector: float32(golden.outputs.shopper_vector),
      item_vectors: itemVectors(),
      boost: float32(boost),
      eligible: new ort.Tensor("uint8", Uint8Array.from(eligible.flat()), [
        eligible.length,
        eligible[0]?.length ?? 0,
      ]),
      k: new ort.Tensor("int64", BigInt64Array.of(BigInt(k)), [1]),
    })
    expect(largestExcess(out.top_scores, top_scores)).toBeLessThanOrEqual(0)
    const ranked = Array.from(out.top_items?.data as BigInt64Array, Number)
    expect(ranked).toEqual(top_items.flat())
    for (const [index, item] of ranked.entries()) expect(eligible[Math.floor(index / k)]?.[item]).toBe(1)
  })
})
