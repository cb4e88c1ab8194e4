/** Numbers for names, and what was worked out for each, in bounded memory. */

export type Numbered<T> = { number: number; value: T }

/**
 * Two generations of at most `limit` names: a name met again moves to the young one; when that is full, the old one
 * is dropped. About least recently used, at one look-up a hit. A name met after it was dropped gets a second number:
 * numbers are unique, names are not.
 */
export class NumberedNames<T> {
  private young = new Map<string, Numbered<T>>()
  private old = new Map<string, Numbered<T>>()
  private next = 1
  private readonly limit: number
  private readonly workOut: (name: string, number: number) => T

  constructor(limit: number, workOut: (name: string, number: number) => T) {
    this.limit = limit
    this.workOut = workOut
  }

  of(name: string): Numbered<T> {
    const known = this.young.get(name)
    if (known) return known
    const older = this.old.get(name)
    if (older) return this.keep(name, older)
    const number = this.next++
    // A slice of a larger text would keep all of that text in memory, so the name is copied.
    const copy = Buffer.from(name, "utf8").toString("utf8")
    return this.keep(copy, { number, value: this.workOut(copy, number) })
  }

  private keep(name: string, entry: Numbered<T>): Numbered<T> {
    if (this.young.size >= this.limit) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(name, entry)
    return entry
  }
}
