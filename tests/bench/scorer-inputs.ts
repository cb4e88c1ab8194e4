/** What the scorer is measured on: 10,000 products, 256 histories of 50 events, top 20. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { HISTORY_COLUMNS, HISTORY_LENGTH } from "../../app/features/history-inputs.ts"
import { itemInputs, TEXT_DIMENSION, TOKENS_PER_ITEM } from "../../app/features/item-inputs.ts"
import { priceEdges } from "../../app/features/price-bucket.ts"
import { readTextEncoder } from "../../app/features/text-encoder.server.ts"
import type { Boosts } from "../../app/scoring/blend.ts"
import type { LoadModel, ModelSource } from "../../app/scoring/scorer-protocol.ts"

export const ITEMS = 10_000
export const HISTORIES = 256
export const TOP = 20

export const modelFolder = join(import.meta.dirname, "..", "..", "ml", "demo-model")

function fileOf(name: string) {
  const path = join(modelFolder, name)
  return { path, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") }
}

export const modelSource = (): ModelSource => ({
  "item_tower.onnx": fileOf("item_tower.onnx"),
  "encoder.onnx": fileOf("encoder.onnx"),
  "scorer.onnx": fileOf("scorer.onnx"),
  "golden.json": fileOf("golden.json"),
})

export function loadMessage(): LoadModel {
  const prices = Array.from({ length: ITEMS }, (_, n) => 500 + ((n * 7919) % 20_000))
  const edges = priceEdges(prices)
  const itemTokens = new Int32Array(ITEMS * TOKENS_PER_ITEM)
  const itemText = new Float32Array(ITEMS * TEXT_DIMENSION)
  const itemPrice = new Int32Array(ITEMS)
  const encoder = readTextEncoder()
  for (let n = 0; n < ITEMS; n += 1) {
    const inputs = itemInputs(
      {
        title: `Product ${n} of ${n % 37}`,
        description: `A thing for ${n % 101}`,
        category: `category ${n % 24}`,
        brand: `brand ${n % 60}`,
        priceCents: prices[n] ?? 0,
      },
      edges,
      0,
      encoder,
    )
    itemTokens.set(inputs.tokens, n * TOKENS_PER_ITEM)
    itemText.set(inputs.text, n * TEXT_DIMENSION)
    itemPrice[n] = inputs.price
  }
  return {
    type: "load",
    key: "bench",
    modelSha: "bench",
    files: modelSource(),
    itemTokens,
    itemText,
    itemPrice,
    itemId: new Int32Array(ITEMS),
    eligible: Uint8Array.from({ length: ITEMS + 1 }, (_, row) => (row === 0 ? 0 : 1)),
  }
}

/** As many rows as a request may carry. */
export function boostsOf(n: number): Boosts {
  const rows = Int32Array.from({ length: 200 }, (_, place) => 1 + ((n * 7919 + place * 31) % ITEMS))
  const values = Float32Array.from(rows, (_, place) => 2 / (1 + place))
  return { rows, values, because: new Int32Array(200), lost: new Float32Array(200) }
}

/** Column by column, as a request carries it; every place is filled. */
export function historyOf(n: number): Int32Array {
  const columns = new Int32Array(HISTORY_COLUMNS.length * HISTORY_LENGTH)
  for (let at = 0; at < HISTORY_LENGTH; at += 1) {
    const item = 1 + ((n * 7907 + at * 977) % ITEMS)
    const values = [
      item,
      at % 9 === 0 ? 8 : 6,
      2 + ((n + at) % 18),
      1 + (item % 16),
      0,
      at % 7 === 0 ? 2 : 1,
      0,
    ]
    for (const [column, value] of values.entries()) columns[column * HISTORY_LENGTH + at] = value
  }
  return columns
}
