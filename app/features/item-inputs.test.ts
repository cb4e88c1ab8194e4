import { expect, test } from "vitest"
import { type FeatureItem, itemInputs, TEXT_DIMENSION, TOKENS_PER_ITEM } from "./item-inputs.ts"
import { PRICE_BUCKETS, priceBucket, priceEdges } from "./price-bucket.ts"
import { readTextEncoder } from "./text-encoder.server.ts"
import { tokenBucket } from "./text-tokens.ts"

const item = (overrides: Partial<FeatureItem> = {}): FeatureItem => ({
  title: "Stoneware Mug",
  description: "Holds 350 ml.",
  category: "Mugs",
  brand: "Larkfield",
  priceCents: 1650,
  ...overrides,
})

const encoder = readTextEncoder()

test("the brand Apple and the word apple are different tokens", () => {
  const branded = itemInputs(
    item({ title: "", description: "", category: "", brand: "Apple" }),
    [],
    0,
    encoder,
  )
  expect(branded.tokens[0]).toBe(tokenBucket("brand:apple"))
  expect(branded.tokens[0]).not.toBe(tokenBucket("apple"))
})

test("a long description fills what is left and is cut, a short text leaves padding", () => {
  const long = itemInputs(
    item({ description: Array.from({ length: 99 }, (_, n) => `word${n}`).join(" ") }),
    [],
    0,
    encoder,
  )
  expect(long.tokens.length).toBe(TOKENS_PER_ITEM)
  expect(long.tokens.every((token) => token > 0)).toBe(true)
  expect(
    itemInputs(item({ title: "", description: "", category: "", brand: "" }), [], 0, encoder).tokens,
  ).toEqual(new Int32Array(TOKENS_PER_ITEM))
})

test("the vector is of what words mean: a cup lies nearer to a mug than to a scarf", () => {
  const vector = (title: string) =>
    itemInputs(item({ title, description: "", category: "", brand: "" }), [], 0, encoder).text
  const cosine = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
  expect(vector("mug").length).toBe(TEXT_DIMENSION)
  expect(cosine(vector("mug"), vector("cup"))).toBeGreaterThan(cosine(vector("mug"), vector("scarf")))
  expect(vector("")).toEqual(new Float32Array(TEXT_DIMENSION))
})

test("a price is placed among the catalogue's own, whatever the currency", () => {
  const prices = Array.from({ length: 160 }, (_, index) => 100 + index)
  const inYen = prices.map((price) => price * 150)
  for (const price of prices)
    expect(priceBucket(price, priceEdges(prices))).toBe(priceBucket(price * 150, priceEdges(inYen)))
  expect(priceBucket(100, priceEdges(prices))).toBe(1)
  expect(priceBucket(259, priceEdges(prices))).toBe(PRICE_BUCKETS)
  expect(priceBucket(1_000_000, priceEdges(prices))).toBe(PRICE_BUCKETS)
})

test("without a price, or in a catalogue without prices, the bucket is 0", () => {
  expect(priceBucket(null, priceEdges([100, 200]))).toBe(0)
  expect(priceBucket(100, priceEdges([]))).toBe(0)
})
