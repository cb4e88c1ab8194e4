/** Index of the first of the ascending times that is not before `timeMs`. */
export function placeOf(times: readonly number[], timeMs: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

/** Times nearly always come in order; a late one is put in its place. */
export function insertInOrder(times: number[], timeMs: number): void {
  const last = times.at(-1)
  if (last === undefined || last <= timeMs) times.push(timeMs)
  else times.splice(placeOf(times, timeMs), 0, timeMs)
}
