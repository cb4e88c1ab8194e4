import fc from "fast-check"
import { expect, test } from "vitest"
import { fnv1a32, TOKEN_BUCKETS, tokenBucket, words } from "./text-tokens.ts"

test("words are lower-cased and normalised, whatever form the text came in", () => {
  expect(words("CAFÉ Crème — 350 ml")).toEqual(["café", "crème", "350", "ml"])
  expect(words("Cafe\u0301")).toEqual(words("CAFÉ"))
  expect(words("ＭＵＧ")).toEqual(["mug"])
})

test("scripts without spaces are cut into overlapping pairs, the rest of the word stays whole", () => {
  expect(words("羊毛围巾")).toEqual(["羊毛", "毛围", "围巾"])
  expect(words("茶")).toEqual(["茶"])
  expect(words("手作りmug")).toEqual(["手作", "作り", "mug"])
})

test("FNV-1a gives the published values, so that hashes agree everywhere", () => {
  expect(fnv1a32("")).toBe(0x811c9dc5)
  expect(fnv1a32("a")).toBe(0xe40c292c)
  expect(fnv1a32("foobar")).toBe(0xbf9cf968)
})

test("a token never lands on the bucket of padding, nor outside the table", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const word of words(text)) {
        const bucket = tokenBucket(word)
        expect(bucket).toBeGreaterThanOrEqual(1)
        expect(bucket).toBeLessThanOrEqual(TOKEN_BUCKETS)
      }
    }),
    { numRuns: 200 },
  )
})

test("plain text is read the same by the short way as by the long", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
      expect(words(`${text} é`)).toEqual([...words(text), "é"])
    }),
  )
})
