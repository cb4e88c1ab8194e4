import { expect, test } from "vitest"
import { productVector } from "./product-text.ts"
import type { StaticTextEncoder } from "./text-encoder.ts"

/** Each known word points along an axis of its own. */
const AXES = ["mug", "kitchen", "ships", "acme"]
const encoder: StaticTextEncoder = {
  dimension: AXES.length,
  pieces: () => [],
  encode: () => new Float32Array(AXES.length),
  addTo(sum, text, weight) {
    const known = AXES.flatMap((word, axis) => (text.includes(word) ? [axis] : []))
    for (const axis of known) sum[axis] = (sum[axis] ?? 0) + weight / Math.sqrt(known.length)
    return known.length > 0
  },
}

const product = { title: "mug", description: "ships", category: "kitchen", brand: "acme" }

test("the title weighs more than the category, the description and the brand", () => {
  const [title, category, description, brand] = Array.from(productVector(encoder, product))
  expect([title, category, description, brand].map((value) => (value ?? 0) > 0)).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(title).toBeGreaterThan(category ?? 1)
  expect(category).toBeGreaterThan(description ?? 1)
  expect(description).toBeGreaterThan(brand ?? 1)
})

test("a product without text is zero, and one without a category is still of length 1", () => {
  expect(Array.from(productVector(encoder, { title: "", description: "", category: "", brand: "" }))).toEqual(
    [0, 0, 0, 0],
  )
  const vector = productVector(encoder, { ...product, category: "" })
  expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
})

test("what a description says after its beginning changes nothing", () => {
  const long = { ...product, description: `${"x ".repeat(200)}acme` }
  expect(productVector(encoder, long)).toEqual(productVector(encoder, { ...long, description: "" }))
})
