import { createHash } from "node:crypto"
import { performance } from "node:perf_hooks"
import { setImmediate } from "node:timers/promises"
import type { CatalogueItem } from "../features/catalogue.ts"
import { TEXT_DIMENSION, type TextInputs, TOKENS_PER_ITEM, textInputs } from "../features/item-inputs.ts"
import { priceBucket } from "../features/price-bucket.ts"
import type { ProductText } from "../features/product-text.ts"
import { readTextEncoder } from "../features/text-encoder.server.ts"
import type { ItemArrays } from "../scoring/scorer-protocol.ts"

/** What was made of texts, by the texts' digests: of a catalogue that changes, only the new texts are read. */
export type KnownTexts = Pick<ItemArrays, "itemTokens" | "itemText"> & {
  itemOf: ReadonlyMap<string, number>
}

/** A catalogue of 50,000 takes seconds, and requests are answered by the same thread. */
const LONGEST_TURN_MS = 8

/**
 * What the item tower reads of a catalogue. Lets requests through in between.
 * @param known external ids of the products that the model knows, in its order
 * @param before texts of the catalogue as it was
 */
export async function towerInputs(
  items: readonly CatalogueItem[],
  priceEdges: readonly number[],
  known: readonly string[],
  before: KnownTexts | null,
): Promise<{ inputs: ItemArrays; texts: KnownTexts }> {
  const idOf = new Map(known.map((externalId, index) => [externalId, index + 1]))
  const itemTokens = new Int32Array(items.length * TOKENS_PER_ITEM)
  const itemText = new Float32Array(items.length * TEXT_DIMENSION)
  const itemPrice = new Int32Array(items.length)
  const itemId = new Int32Array(items.length)
  const itemOf = new Map<string, number>()
  const encoder = readTextEncoder()
  let turnStartedMs = performance.now()
  for (const [index, item] of items.entries()) {
    const digest = digestOf(item)
    const { tokens, text } = inputsIn(before, digest) ?? textInputs(item, encoder)
    itemOf.set(digest, index)
    itemTokens.set(tokens, index * TOKENS_PER_ITEM)
    itemText.set(text, index * TEXT_DIMENSION)
    itemPrice[index] = priceBucket(item.priceCents, priceEdges)
    itemId[index] = idOf.get(item.externalId) ?? 0
    if (performance.now() - turnStartedMs < LONGEST_TURN_MS) continue
    await setImmediate()
    turnStartedMs = performance.now()
  }
  return { inputs: { itemTokens, itemText, itemPrice, itemId }, texts: { itemTokens, itemText, itemOf } }
}

function inputsIn(known: KnownTexts | null, digest: string): TextInputs | null {
  const item = known?.itemOf.get(digest)
  if (known === null || item === undefined) return null
  return {
    tokens: known.itemTokens.subarray(item * TOKENS_PER_ITEM, (item + 1) * TOKENS_PER_ITEM),
    text: known.itemText.subarray(item * TEXT_DIMENSION, (item + 1) * TEXT_DIMENSION),
  }
}

function digestOf({ title, description, category, brand }: ProductText): string {
  return createHash("sha256")
    .update(JSON.stringify([title, description, category, brand]))
    .digest("base64")
}
