import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { TEXT_DIMENSION } from "./item-inputs.ts"
import { readTextEncoder } from "./text-encoder.server.ts"
import { TEXT_ENCODER_SHA256 } from "./text-encoder.ts"

const COMMITTED = join(import.meta.dirname, "..", "..", "ml", "text-encoder")

type Golden = { cases: { text: string; pieces: number[]; vector: number[] }[] }

test("the program makes of a text what the pipeline makes of it", () => {
  const encoder = readTextEncoder()
  const golden: Golden = JSON.parse(readFileSync(join(COMMITTED, "golden.json"), "utf8"))
  expect(golden.cases.length).toBeGreaterThan(10)
  for (const { text, pieces, vector } of golden.cases) {
    expect(encoder.pieces(text), text).toEqual(pieces)
    const found = encoder.encode(text)
    expect(found.length).toBe(vector.length)
    for (const [at, expected] of vector.entries()) expect(found[at], text).toBeCloseTo(expected, 5)
  }
})

test("the encoder is at most 8 MB, and its card names source and licence", () => {
  expect(readFileSync(join(COMMITTED, "encoder.bin")).byteLength).toBeLessThanOrEqual(8_000_000)
  expect(readFileSync(join(COMMITTED, "card.md"), "utf8")).toMatch(/multilingual-e5-small[\s\S]*MIT/)
})

test("the contract names the encoder that the program comes with, by hash and by size", () => {
  const manifest = JSON.parse(readFileSync(join(COMMITTED, "manifest.json"), "utf8"))
  expect(manifest.sha256).toBe(TEXT_ENCODER_SHA256)
  expect(manifest.dimension).toBe(TEXT_DIMENSION)
})

test("an encoder that is not the one of the contract is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "text-encoder-"))
  try {
    cpSync(COMMITTED, folder, { recursive: true })
    const bytes = readFileSync(join(folder, "encoder.bin"))
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(join(folder, "encoder.bin"), bytes)
    expect(() => readTextEncoder(folder)).toThrow(/SHA-256/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
