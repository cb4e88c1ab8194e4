/**
 * Tells which keys may have come before: a Bloom filter (Burton Bloom, "Space/time trade-offs in hash coding with
 * allowable errors", 1970) of fixed size, its bits for one key all in one cache line (Putze, Sanders and Singler,
 * "Cache-, hash- and space-efficient Bloom filters", 2007). A key that it calls new is new; one that it calls seen may
 * be new all the same, about one in a thousand after 5 million keys. The import counts the seen ones exactly
 * in the database, so a wrong "seen" costs time and never an event.
 */

const LINES = 2 ** 18
const WORDS_A_LINE = 16

/** Keys are 16 random bytes (a hash), as a string of one character each. */
export class RepeatFilter {
  private readonly words = new Uint32Array(LINES * WORDS_A_LINE)

  /** Adds a key; true where it may have been added before. */
  seen(key: string): boolean {
    const line = (key.charCodeAt(0) | (key.charCodeAt(1) << 8) | (key.charCodeAt(2) << 16)) & (LINES - 1)
    let all = true
    for (let probe = 3; probe < 11; probe += 2) {
      const bit = key.charCodeAt(probe) | (key.charCodeAt(probe + 1) << 8)
      const word = line * WORDS_A_LINE + ((bit >>> 5) & (WORDS_A_LINE - 1))
      const mask = 1 << (bit & 31)
      const value = this.words[word] ?? 0
      if ((value & mask) === 0) {
        all = false
        this.words[word] = value | mask
      }
    }
    return all
  }
}
