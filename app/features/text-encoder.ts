/**
 * Text to vector by the static encoder: no network runs, a vector is a sum of rows of a table.
 *
 *   words    NFKC, lower case, runs of letters, digits and marks; scripts without spaces are runs of their own
 *   pieces   of all ways to cut a word into known pieces the likeliest (unigram; Kudo, 2018, arXiv 1804.10959):
 *            best[j] = max over pieces w[i:j] of best[i] + log p(w[i:j]); unknown characters are left out
 *   vector   unit(Σ over pieces of scale · levels), zero where nothing is known
 *
 * The table is distilled by ml/throughline/text from a sentence encoder, which also gives the file's layout
 * (artefact.py) and reads it the same way (encode.py). Limits: word order and context are lost ("milk chocolate" =
 * "chocolate milk"), and a word in no piece of the vocabulary is the sum of its parts.
 */
import { AppError } from "../errors.ts"

/** Of ml/text-encoder/encoder.bin. Models are made for the vectors of exactly this file, so the contract names it. */
export const TEXT_ENCODER_SHA256 = "94c3e5dd984e3856a5bcef0b44122a4cb70b830fee25bad8e306bdb6f2a532cd"

const MAGIC = 0x45544c54 // "TLTE", little-endian
const VERSION = 1
const HEAD_BYTES = 16

/** Longer words are cut: the cost of a word grows with its length, and no product is named by more. */
const LONGEST_WORD = 64
/** SentencePiece's own: an unknown character costs this much below the rarest piece. */
const UNKNOWN_PENALTY = 10
/** Words whose pieces are remembered, which makes nearly every word of a catalogue one look-up; then begun anew. */
const REMEMBERED_WORDS = 65_536

const WORD = /[\p{L}\p{N}\p{M}]+/gu
/** Lao, Thai, Burmese, Khmer, Hiragana, Katakana, Han: written without spaces, so no piece of theirs begins a word. */
const RUN =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2fa1f}]+|[^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2fa1f}]+/gu
const UNSPACED =
  /^[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2fa1f}]/u
const BEYOND_ASCII = /[^ -~]/
const ASCII_WORD = /[a-z0-9]+/g

export type StaticTextEncoder = {
  dimension: number
  /** Rows of the table that a text is the sum of, in order. */
  pieces: (text: string) => number[]
  /** Adds `weight` × the unit vector of `text` to `sum` (D,); false, and nothing added, where no piece is known. */
  addTo: (sum: Float64Array, text: string, weight: number) => boolean
  /** (D,) of length 1, or 0 where nothing of the text is known. */
  encode: (text: string) => Float32Array
}

/** Words in order, each with "▁" before it unless its script has no spaces. */
export function encoderWords(text: string): string[] {
  // Most titles; the same result for a fraction of the time.
  if (!BEYOND_ASCII.test(text))
    return (text.toLowerCase().match(ASCII_WORD) ?? []).map((word) => `▁${cut(word)}`)
  const found: string[] = []
  for (const [word] of text.normalize("NFKC").toLowerCase().matchAll(WORD))
    for (const [run] of word.matchAll(RUN)) found.push(UNSPACED.test(run) ? cut(run) : `▁${cut(run)}`)
  return found
}

const cut = (word: string) =>
  word.length <= LONGEST_WORD ? word : Array.from(word).slice(0, LONGEST_WORD).join("")

/** Scales `vector` to length 1 and returns it as float32; a vector of zeros stays. */
export function unit(vector: Float64Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  const scaled = new Float32Array(vector.length)
  if (length > 0) for (let at = 0; at < vector.length; at += 1) scaled[at] = (vector[at] ?? 0) / length
  return scaled
}

function damaged(what: string): AppError {
  return new AppError("bad_model", `expected a text encoder, ${what}; remedy: restore ml/text-encoder`)
}

function parsed(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < HEAD_BYTES) throw damaged(`got ${bytes.byteLength} bytes`)
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== VERSION)
    throw damaged(`of version ${VERSION}, got another kind of file or version`)
  const count = view.getUint32(8, true)
  const dimension = view.getUint32(12, true)
  const piecesAt = HEAD_BYTES + count * (8 + dimension)
  if (bytes.byteLength < piecesAt) throw damaged(`of ${piecesAt} bytes or more, got ${bytes.byteLength}`)
  const floats = (at: number) =>
    Float32Array.from({ length: count }, (_, row) => view.getFloat32(at + 4 * row, true))
  const pieces = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(piecesAt)).split("\n")
  if (pieces.length !== count) throw damaged(`with ${count} pieces, got ${pieces.length}`)
  const levelsAt = HEAD_BYTES + 8 * count
  return {
    dimension,
    rows: new Map(pieces.map((piece, row) => [piece, row])),
    logProbabilities: floats(HEAD_BYTES),
    scales: floats(HEAD_BYTES + 4 * count),
    levels: new Int8Array(bytes.buffer, bytes.byteOffset + levelsAt, count * dimension),
  }
}

/** Reads the file's bytes, which are kept, not copied; throws when they are not a text encoder. */
export function textEncoder(bytes: Uint8Array): StaticTextEncoder {
  const { dimension, rows, logProbabilities, scales, levels } = parsed(bytes)
  const longest = Math.max(0, ...Array.from(rows.keys(), (piece) => piece.length))
  const unknownScore = logProbabilities.reduce((least, value) => Math.min(least, value), 0) - UNKNOWN_PENALTY
  const remembered = new Map<string, readonly number[]>()

  function segmented(word: string): number[] {
    const best = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY)
    const cameFrom = new Int32Array(word.length + 1)
    const piece = new Int32Array(word.length + 1).fill(-1)
    best[0] = 0
    for (let end = 1; end <= word.length; end += 1)
      for (let start = Math.max(0, end - longest); start < end; start += 1) {
        const row = rows.get(word.slice(start, end))
        if (row === undefined && start !== end - 1) continue
        const score =
          (best[start] ?? 0) + (row === undefined ? unknownScore : (logProbabilities[row] ?? unknownScore))
        if (score <= (best[end] ?? 0)) continue
        best[end] = score
        cameFrom[end] = start
        piece[end] = row ?? -1
      }
    const found: number[] = []
    for (let end = word.length; end > 0; end = cameFrom[end] ?? 0) found.push(piece[end] ?? -1)
    return found.reverse().filter((row) => row >= 0)
  }

  function rowsOf(word: string): readonly number[] {
    const known = remembered.get(word)
    if (known !== undefined) return known
    if (remembered.size >= REMEMBERED_WORDS) remembered.clear()
    const found = segmented(word)
    remembered.set(word, found)
    return found
  }

  function total(text: string): Float64Array {
    const sum = new Float64Array(dimension)
    for (const word of encoderWords(text))
      for (const row of rowsOf(word)) {
        const scale = scales[row] ?? 0
        const from = row * dimension
        for (let at = 0; at < dimension; at += 1) sum[at] = (sum[at] ?? 0) + scale * (levels[from + at] ?? 0)
      }
    return sum
  }

  return {
    dimension,
    pieces: (text) => encoderWords(text).flatMap(rowsOf),
    encode: (text) => unit(total(text)),
    addTo(sum, text, weight) {
      const part = total(text)
      const length = Math.sqrt(part.reduce((squares, value) => squares + value * value, 0))
      if (length === 0) return false
      for (let at = 0; at < dimension; at += 1) sum[at] = (sum[at] ?? 0) + (weight / length) * (part[at] ?? 0)
      return true
    },
  }
}
