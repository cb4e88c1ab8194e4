import { expect, test } from "vitest"
import { encoderWords, textEncoder } from "./text-encoder.ts"

type Piece = [piece: string, logProbability: number, vector: number[]]

/** A file as ml/throughline/text/artefact.py writes it, of four numbers a piece. */
function encoderBytes(pieces: readonly Piece[]): Uint8Array {
  const words = new TextEncoder().encode(pieces.map(([piece]) => piece).join("\n"))
  const count = pieces.length
  const bytes = new Uint8Array(16 + count * 12 + words.length)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode("TLTE"))
  for (const [at, value] of [1, count, 4].entries()) view.setUint32(4 + 4 * at, value, true)
  for (const [row, [, logProbability, vector]] of pieces.entries()) {
    const scale = Math.max(...vector.map(Math.abs)) / 127
    view.setFloat32(16 + 4 * row, logProbability, true)
    view.setFloat32(16 + 4 * (count + row), scale, true)
    for (const [at, value] of vector.entries())
      view.setInt8(16 + 8 * count + 4 * row + at, Math.round(value / scale))
  }
  bytes.set(words, 16 + count * 12)
  return bytes
}

const PIECES: Piece[] = [
  ["▁tea", -2, [3, 0, 0, 0]],
  ["pot", -3, [0, 4, 0, 0]],
  ["▁teapot", -4, [0, 0, 1, 0]],
  ["▁te", -1, [0, 0, 0, 9]],
  ["apot", -2.5, [0, 0, 0, 9]],
  ["茶", -2, [0, 0, 0, 2]],
]

const without = (...gone: string[]) => encoderBytes(PIECES.filter(([piece]) => !gone.includes(piece)))

test("a word is cut into the pieces that together are likeliest, not into the longest", () => {
  expect(textEncoder(encoderBytes(PIECES)).pieces("Teapot")).toEqual([3, 4])
  expect(textEncoder(without("apot")).pieces("Teapot")).toEqual([2])
})

test("a vector is the sum of its pieces, brought to length 1", () => {
  const encoder = textEncoder(without("▁teapot", "▁te", "apot"))
  const [first, second, ...rest] = Array.from(encoder.encode("TEAPOT"))
  expect(first).toBeCloseTo(0.6, 2)
  expect(second).toBeCloseTo(0.8, 2)
  expect(rest).toEqual([0, 0])
})

test("a text of which nothing is known is zero, not a number divided by zero", () => {
  const encoder = textEncoder(encoderBytes(PIECES))
  expect(Array.from(encoder.encode("!!! ☃"))).toEqual([0, 0, 0, 0])
  const sum = new Float64Array(4)
  expect(encoder.addTo(sum, "", 1)).toBe(false)
  expect(Array.from(sum)).toEqual([0, 0, 0, 0])
})

test("unknown characters are left out and the rest of the word stays", () => {
  expect(textEncoder(without("▁teapot", "▁te", "apot")).pieces("teaßpot")).toEqual([0, 1])
})

test("scripts without spaces begin no word, and full width, capitals and accents are read alike", () => {
  expect(encoderWords("緑茶Ｔｅａ 350ml")).toEqual(["緑茶", "▁tea", "▁350ml"])
  expect(encoderWords("CAFE\u0301 — café")).toEqual(["▁café", "▁café"])
  expect(encoderWords("T-LIGHT holder")).toEqual(["▁t", "▁light", "▁holder"])
  expect(textEncoder(encoderBytes(PIECES)).pieces("緑茶")).toEqual([5])
})

test("plain text is read the same by the short way as by the long", () => {
  const long = "x".repeat(80)
  expect(encoderWords(`Mug_2 ${long}`)).toEqual(["▁mug", "▁2", `▁${"x".repeat(64)}`])
  expect(encoderWords(`Mug_2 ${long} é`).slice(0, 3)).toEqual(encoderWords(`Mug_2 ${long}`))
})

test("a file that is no text encoder, or is cut short, is refused with what came", () => {
  const whole = encoderBytes(PIECES)
  expect(() => textEncoder(new Uint8Array(3))).toThrow(/got 3 bytes/)
  expect(() => textEncoder(whole.map((byte, at) => (at === 0 ? 0 : byte)))).toThrow(/another kind of file/)
  expect(() => textEncoder(whole.subarray(0, 60))).toThrow(/got 60/)
  expect(() => textEncoder(whole.subarray(0, whole.length - 4))).toThrow(/with 6 pieces, got 5/)
})
