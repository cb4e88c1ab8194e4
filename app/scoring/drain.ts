import type { ScoreMessage } from "./scorer-protocol.ts"

/**
 * Drain batching: whatever is queued when the scorer frees up runs together, without a timer. Under no load a
 * request runs at once and alone; under load batches grow by themselves.
 */

/**
 * With more, whoever waits waits for the same run: the process that asks idles while the scorer works, and the scorer
 * idles while it is answered. Batches of 8 let the two overlap, and cost an encoder run hardly more for each request:
 * of 8, 12 and 32, 8 answered most requests a second at 16 connections (npm run bench: scorer_vs_parts).
 */
export const MAX_BATCH = 8

/**
 * Rows of one encoder run that explanations may add. A row costs about 0.1 ms, so explanations of one request are
 * bounded, and under load they grow shorter before anybody waits longer.
 */
export const EXPLANATION_ROWS = 32

/** Distinct products of one history that are left out in turn. Older ones hardly move the result. */
export const MAX_EXPLAINED_PRODUCTS = 16

export type Batch = { key: string; requests: ScoreMessage[]; expired: ScoreMessage[]; rest: ScoreMessage[] }

/** Takes the oldest request's model, and every queued request of it up to MAX_BATCH, in order. */
export function nextBatch(queue: readonly ScoreMessage[], nowMs: number, maxBatch = MAX_BATCH): Batch {
  const expired = queue.filter((request) => request.deadlineMs <= nowMs)
  const alive = queue.filter((request) => request.deadlineMs > nowMs)
  const key = alive[0]?.key ?? ""
  const requests: ScoreMessage[] = []
  const rest: ScoreMessage[] = []
  for (const request of alive)
    (request.key === key && requests.length < maxBatch ? requests : rest).push(request)
  return { key, requests, expired, rest }
}

/** One history with the events of one product left out. */
export type LeftOut = { request: number; row: number; columns: Int32Array }

/**
 * For each request that asks for reasons, its history without each of its products in turn, newest product first;
 * the events before close up, and their own gaps stay as they were.
 */
export function leaveOneOut(requests: readonly ScoreMessage[], columnCount: number): LeftOut[] {
  const asking = requests.filter((request) => request.explain).length
  const share = Math.min(MAX_EXPLAINED_PRODUCTS, Math.floor(EXPLANATION_ROWS / Math.max(1, asking)))
  return requests.flatMap((request, index) => {
    if (!request.explain) return []
    const length = request.columns.length / columnCount
    return newestRows(request.columns.subarray(0, length), share).map((row) => ({
      request: index,
      row,
      columns: without(request.columns, columnCount, row),
    }))
  })
}

/** Distinct products (rows of the matrix) in a column of items, newest first. */
function newestRows(items: Int32Array, limit: number): number[] {
  const rows = new Set<number>()
  for (let at = items.length - 1; at >= 0 && rows.size < limit; at -= 1) {
    const row = items[at] ?? 0
    if (row > 0) rows.add(row)
  }
  return [...rows]
}

function without(columns: Int32Array, columnCount: number, row: number): Int32Array {
  const length = columns.length / columnCount
  const left = new Int32Array(columns.length)
  let to = length - 1
  for (let from = length - 1; from >= 0; from -= 1) {
    if (columns[from] === row) continue
    for (let column = 0; column < columnCount; column += 1)
      left[column * length + to] = columns[column * length + from] ?? 0
    to -= 1
  }
  return left
}
