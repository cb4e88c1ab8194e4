/**
 * Text to hashed tokens (the hashing trick; Weinberger et al., 2009, arXiv 0902.2206).
 *
 * Text is NFKC-normalised and lower-cased, then cut into runs of letters and digits. Scripts written without
 * spaces (Han, Hiragana, Katakana, Hangul, Thai) are cut into overlapping pairs of characters, which needs no
 * dictionary. A token's bucket is FNV-1a (32 bit) over its UTF-8 bytes: the same on every machine and in every
 * release. Limit: with H buckets two words may share one; the residual id vector tells such products apart.
 */

/** Buckets of the token table; bucket ids are 1..TOKEN_BUCKETS, 0 is padding. */
export const TOKEN_BUCKETS = 4096

const WORD = /[\p{L}\p{N}\p{M}]+/gu
const UNSPACED_RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{M}ー]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}ー]+/gu
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

const BEYOND_ASCII = /[^ -~]/
const ASCII_WORD = /[a-z0-9]+/g

const utf8 = new TextEncoder()

/** FNV-1a, 32 bit, over UTF-8. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of utf8.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** Words of a text in order, lower-cased; pairs of characters for scripts without spaces. */
export function words(text: string): string[] {
  // Most texts; the same result for a fraction of the time.
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase().match(ASCII_WORD) ?? []
  const found: string[] = []
  for (const [word] of text.normalize("NFKC").toLowerCase().matchAll(WORD))
    for (const [run] of word.matchAll(UNSPACED_RUN)) {
      if (!UNSPACED.test(run)) {
        found.push(run)
        continue
      }
      const characters = Array.from(run)
      if (characters.length === 1) found.push(run)
      for (let index = 0; index + 1 < characters.length; index += 1)
        found.push(`${characters[index]}${characters[index + 1]}`)
    }
  return found
}

/** Bucket of a token, 1..TOKEN_BUCKETS. */
export function tokenBucket(token: string): number {
  return 1 + (fnv1a32(token) % TOKEN_BUCKETS)
}
