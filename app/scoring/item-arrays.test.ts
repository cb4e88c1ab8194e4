import fc from "fast-check"
import { expect, test } from "vitest"
import { itemSlice, joinItems } from "./item-arrays.ts"

test("slices of any size, put together again, are the catalogue", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 50 }), (count, size) => {
      const items = {
        itemTokens: Int32Array.from({ length: count * 3 }, (_, at) => at),
        itemText: Float32Array.from({ length: count * 5 }, (_, at) => at / 7),
        itemPrice: Int32Array.from({ length: count }, (_, at) => at + 100),
        itemId: Int32Array.from({ length: count }, (_, at) => at + 200),
      }
      const slices = []
      for (let from = 0; from < count; from += size) slices.push(itemSlice(items, from, from + size))
      expect(joinItems(slices)).toEqual(items)
    }),
  )
})
