import { expect, test } from "vitest"
import type { CatalogueItem } from "../features/catalogue.ts"
import { TEXT_DIMENSION } from "../features/item-inputs.ts"
import { productVector } from "../features/product-text.ts"
import { readTextEncoder } from "../features/text-encoder.server.ts"
import { towerInputs } from "./tower-inputs.server.ts"

const item = (n: number, over: Partial<CatalogueItem> = {}): CatalogueItem => ({
  productId: n,
  externalId: `p${n}`,
  title: `Stoneware mug number ${n}`,
  description: "Holds 350 ml.",
  category: "Mugs",
  brand: "Larkfield",
  priceCents: 100 * n,
  available: true,
  ...over,
})

const encoder = readTextEncoder()

const row = (values: Float32Array, index: number) =>
  values.subarray(index * TEXT_DIMENSION, (index + 1) * TEXT_DIMENSION)

test("each product has the vector of its own text, and one without text has zeros", async () => {
  const nameless = item(2, { title: "", description: "", category: "", brand: "" })
  const { inputs } = await towerInputs([item(1), nameless, item(3)], [], ["p3"], null)
  expect(row(inputs.itemText, 0)).toEqual(productVector(encoder, item(1)))
  expect(row(inputs.itemText, 1)).toEqual(new Float32Array(TEXT_DIMENSION))
  expect(row(inputs.itemText, 2)).toEqual(productVector(encoder, item(3)))
  expect([...inputs.itemId]).toEqual([0, 0, 1])
})

test("of a catalogue that changed, texts known from before are taken over and only the others are read", async () => {
  const { texts } = await towerInputs([item(1), item(2)], [], [], null)
  const marked = { ...texts, itemText: texts.itemText.map(() => 0.5) }
  const renamed = item(2, { title: "Linen throw" })
  // Another price and another place: the text is the same.
  const { inputs } = await towerInputs([renamed, item(1, { priceCents: 5 })], [], [], marked)
  expect(row(inputs.itemText, 0)).toEqual(productVector(encoder, renamed))
  expect(row(inputs.itemText, 1)).toEqual(new Float32Array(TEXT_DIMENSION).fill(0.5))
})

test("a large catalogue lets the rest of the process go on in between", async () => {
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
  }, 1)
  await towerInputs(
    Array.from({ length: 4_000 }, (_, n) => item(n)),
    [],
    [],
    null,
  )
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(2)
})
