/**
 * The best `count` rows by score among those the mask allows; ties go to the lower row. Fewer come back only where
 * fewer are allowed.
 */
export function topRows(scores: ArrayLike<number>, allowed: Uint8Array, count: number): number[] {
  if (count < 1) return []
  const best: number[] = []
  let least = Number.NEGATIVE_INFINITY
  for (let row = 0; row < allowed.length; row += 1) {
    if (allowed[row] !== 1) continue
    const score = scores[row] ?? 0
    if (best.length === count && score <= least) continue
    let at = best.length
    while (at > 0 && score > (scores[best[at - 1] ?? 0] ?? 0)) at -= 1
    best.splice(at, 0, row)
    if (best.length > count) best.pop()
    least = best.length === count ? (scores[best[count - 1] ?? 0] ?? 0) : Number.NEGATIVE_INFINITY
  }
  return best
}
