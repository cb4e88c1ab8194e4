import {
  Bool,
  Field,
  FixedSizeList,
  Float32,
  Int32,
  makeData,
  Schema,
  Utf8,
  vectorFromArray,
} from "apache-arrow"
import { recordBatch, writeArrowFile } from "./arrow-file.server.ts"
import type { CatalogueItem } from "./catalogue.ts"
import { itemInputs, TEXT_DIMENSION, TOKENS_PER_ITEM } from "./item-inputs.ts"
import { readTextEncoder } from "./text-encoder.server.ts"

/** Columns of an item's own text: for models that read more of it than the item tower's tokens. */
const TEXT_COLUMNS = ["title", "category", "brand"] as const

/** Writes items.arrow: row k (0-based) is row k + 1 of the item matrix. */
export async function writeItems(
  path: string,
  items: readonly CatalogueItem[],
  edges: readonly number[],
): Promise<void> {
  const encoder = readTextEncoder()
  const inputs = items.map((item) => itemInputs(item, edges, 0, encoder))
  const tokens = new Int32Array(items.length * TOKENS_PER_ITEM)
  const text = new Float32Array(items.length * TEXT_DIMENSION)
  for (const [index, input] of inputs.entries()) {
    tokens.set(input.tokens, index * TOKENS_PER_ITEM)
    text.set(input.text, index * TEXT_DIMENSION)
  }
  const tokensType = new FixedSizeList(TOKENS_PER_ITEM, new Field("item", new Int32(), false))
  const textType = new FixedSizeList(TEXT_DIMENSION, new Field("item", new Float32(), false))
  const schema = new Schema([
    new Field("item", new Utf8(), false),
    new Field("item_tokens", tokensType, false),
    new Field("item_text", textType, false),
    new Field("item_price", new Int32(), false),
    new Field("available", new Bool(), false),
    ...TEXT_COLUMNS.map((name) => new Field(name, new Utf8(), false)),
  ])
  const texts = (["externalId", ...TEXT_COLUMNS] as const).map(
    (name) =>
      vectorFromArray(
        items.map((item) => item[name]),
        new Utf8(),
      ).data[0],
  )
  const [name, ...words] = texts.filter((text) => text !== undefined)
  const available = vectorFromArray(
    items.map((item) => item.available),
    new Bool(),
  ).data[0]
  if (name === undefined || available === undefined) {
    await writeArrowFile(path, [recordBatch(schema, 0, [])])
    return
  }
  await writeArrowFile(path, [
    recordBatch(schema, items.length, [
      name,
      makeData({
        type: tokensType,
        length: items.length,
        nullCount: 0,
        child: makeData({ type: new Int32(), length: tokens.length, nullCount: 0, data: tokens }),
      }),
      makeData({
        type: textType,
        length: items.length,
        nullCount: 0,
        child: makeData({ type: new Float32(), length: text.length, nullCount: 0, data: text }),
      }),
      makeData({
        type: new Int32(),
        length: items.length,
        nullCount: 0,
        data: Int32Array.from(inputs, (input) => input.price),
      }),
      available,
      ...words,
    ]),
  ])
}
