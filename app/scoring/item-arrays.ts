import type { ItemArrays } from "./scorer-protocol.ts"

/** Items `from` (included) to `to` of the tower's inputs, as arrays of their own; past the end nothing. */
export function itemSlice(items: ItemArrays, from: number, to: number): ItemArrays {
  const count = Math.max(1, items.itemPrice.length)
  const part = <T extends Int32Array | Float32Array>(values: T) => {
    const width = values.length / count
    return values.slice(from * width, to * width) as T
  }
  return {
    itemTokens: part(items.itemTokens),
    itemText: part(items.itemText),
    itemPrice: part(items.itemPrice),
    itemId: part(items.itemId),
  }
}

/** Slices back to one. */
export function joinItems(slices: readonly ItemArrays[]): ItemArrays {
  return {
    itemTokens: joined(
      slices.map((one) => one.itemTokens),
      (length) => new Int32Array(length),
    ),
    itemText: joined(
      slices.map((one) => one.itemText),
      (length) => new Float32Array(length),
    ),
    itemPrice: joined(
      slices.map((one) => one.itemPrice),
      (length) => new Int32Array(length),
    ),
    itemId: joined(
      slices.map((one) => one.itemId),
      (length) => new Int32Array(length),
    ),
  }
}

function joined<T extends Int32Array | Float32Array>(parts: readonly T[], make: (length: number) => T): T {
  const whole = make(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
