import { priceBucket } from "./price-bucket.ts"
import { type ProductText, productVector } from "./product-text.ts"
import type { StaticTextEncoder } from "./text-encoder.ts"
import { tokenBucket, words } from "./text-tokens.ts"

/** Tokens a product keeps. Titles, types and vendors of shops rarely fill it; the description takes the rest. */
export const TOKENS_PER_ITEM = 24

const TITLE_TOKENS = 12
const CATEGORY_TOKENS = 4
const BRAND_TOKENS = 3

/** Numbers in the vector of a product's text. */
export const TEXT_DIMENSION = 96

/** Numbers in the vector of a product's picture that the program makes: none. A model may be trained with them. */
export const IMAGE_DIMENSION = 0

/** A product as a model sees it. */
export type FeatureItem = ProductText & { priceCents: number | null }

/** What a product's text alone decides; shapes: tokens (T,), text (TEXT_DIMENSION,). */
export type TextInputs = { tokens: Int32Array; text: Float32Array }

/** Inputs of the item tower for one product; price and id are scalars. */
export type ItemInputs = TextInputs & { price: number; id: number }

/**
 * Inputs of one product. `idIndex` is its position + 1 in the model's own `items.json`, 0 when the model has
 * never seen it: such a product is placed by its text and price alone.
 */
export function itemInputs(
  item: FeatureItem,
  edges: readonly number[],
  idIndex: number,
  encoder: StaticTextEncoder,
): ItemInputs {
  return { ...textInputs(item, encoder), price: priceBucket(item.priceCents, edges), id: idIndex }
}

/**
 * Tokens learn the shop's own words; the vector knows what words mean that the shop has never used. Category and brand
 * tokens carry a prefix, so that the brand "Apple" and the word "apple" differ.
 */
export function textInputs(item: ProductText, encoder: StaticTextEncoder): TextInputs {
  const chosen = [
    ...words(item.title).slice(0, TITLE_TOKENS),
    ...(item.category === "" ? [] : [`category=${item.category.normalize("NFKC").toLowerCase()}`]),
    ...words(item.category)
      .slice(0, CATEGORY_TOKENS - 1)
      .map((word) => `category:${word}`),
    ...words(item.brand)
      .slice(0, BRAND_TOKENS)
      .map((word) => `brand:${word}`),
    ...words(item.description),
  ]
  const tokens = new Int32Array(TOKENS_PER_ITEM)
  let filled = 0
  const seen = new Set<string>()
  for (const token of chosen) {
    if (filled === TOKENS_PER_ITEM) break
    if (seen.has(token)) continue
    seen.add(token)
    tokens[filled] = tokenBucket(token)
    filled += 1
  }
  return { tokens, text: productVector(encoder, item) }
}
