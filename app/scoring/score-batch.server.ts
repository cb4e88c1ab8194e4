import * as ort from "onnxruntime-node"
import { HISTORY_COLUMNS } from "../features/history-inputs.ts"
import type { Boosts } from "./blend.ts"
import { leaveOneOut } from "./drain.ts"
import type { ItemMatrix, ModelSessions } from "./loaded-model.server.ts"
import { HEADS, type HeadOutputs } from "./outlook.ts"
import type { ScoredMessage, ScoreMessage } from "./scorer-protocol.ts"

const COLUMNS = HISTORY_COLUMNS.length

/** Reasons ask for products that make a visible difference; below this a product explains nothing. */
const LEAST_SHARE_OF_SCORE = 0

/** (B, L) of each column, for requests and what is left out of them, in one run of the encoder. */
function encoderFeeds(histories: readonly Int32Array[], matrix: ItemMatrix): Record<string, ort.Tensor> {
  const length = (histories[0]?.length ?? 0) / COLUMNS
  const feeds: Record<string, ort.Tensor> = { item_vectors: matrix.vectors }
  for (const [column, name] of HISTORY_COLUMNS.entries()) {
    const values = new Int32Array(histories.length * length)
    for (const [index, history] of histories.entries())
      values.set(history.subarray(column * length, (column + 1) * length), index * length)
    feeds[name] = new ort.Tensor("int32", values, [histories.length, length])
  }
  return feeds
}

function floats(output: ort.Tensor | undefined, name: string): Float32Array {
  if (output?.data instanceof Float32Array) return output.data
  throw new Error(`the model gave no float32 output ${name}`)
}

/** A page needs a ranking alone: heads are fetched only where a request of the batch asks for them. */
function outputsFor(requests: readonly ScoreMessage[], { encoder }: ModelSessions): readonly string[] {
  return requests.some((request) => request.heads) ? encoder.outputNames : ["shopper_vector"]
}

/** The heads of one row, by name: a model has those that beat their baselines. */
function headsOf(encoded: ort.InferenceSession.ReturnType, row: number, rows: number): HeadOutputs {
  const heads: HeadOutputs = {}
  for (const name of HEADS) {
    if (encoded[name] === undefined) continue
    const values = floats(encoded[name], name) // (B + E, size)
    const size = values.length / rows
    heads[name] = values.slice(row * size, (row + 1) * size)
  }
  return heads
}

/** Working memory of a batch, kept between calls. */
export type BatchWork = {
  /** (requests, rows) */
  masks: Uint8Array
  /** (requests, rows), zeros between calls. */
  boosts: Float32Array
}

export const batchWork = (requests: number, rows: number): BatchWork => ({
  masks: new Uint8Array(requests * rows),
  boosts: new Float32Array(requests * rows),
})

/**
 * Scores a batch of one model: one run of the encoder over all histories (those with a product left out among
 * them), one of the scorer over vectors × item matrix and the neighbours' boosts under each shopper's mask.
 */
export async function scoreBatch(
  sessions: ModelSessions,
  matrix: ItemMatrix,
  eligible: Uint8Array,
  work: BatchWork,
  requests: readonly ScoreMessage[],
): Promise<ScoredMessage[]> {
  const left = leaveOneOut(requests, COLUMNS)
  const histories = [...requests.map((request) => request.columns), ...left.map((one) => one.columns)]
  const encoded = await sessions.encoder.run(encoderFeeds(histories, matrix), outputsFor(requests, sessions))
  const vectors = floats(encoded.shopper_vector, "shopper_vector") // (B + E, D)
  const { rows, dimension } = matrix

  const mask = work.masks.subarray(0, requests.length * rows)
  const boost = work.boosts.subarray(0, requests.length * rows)
  for (const [index, request] of requests.entries()) {
    const own = mask.subarray(index * rows, (index + 1) * rows)
    own.set(eligible)
    for (const row of request.excluded) own[row] = 0
    const { rows: boosted, values } = request.boosts
    for (const [place, row] of boosted.entries()) boost[index * rows + row] = values[place] ?? 0
  }
  const most = Math.max(1, Math.min(rows, ...[Math.max(...requests.map((request) => request.count))]))
  const ranked = await sessions.scorer
    .run({
      shopper_vector: new ort.Tensor("float32", vectors.subarray(0, requests.length * dimension), [
        requests.length,
        dimension,
      ]),
      item_vectors: matrix.vectors,
      boost: new ort.Tensor("float32", boost, [requests.length, rows]),
      eligible: new ort.Tensor("uint8", mask, [requests.length, rows]),
      k: new ort.Tensor("int64", BigInt64Array.of(BigInt(most)), [1]),
    })
    .finally(() => {
      for (const [index, request] of requests.entries())
        for (const row of request.boosts.rows) boost[index * rows + row] = 0
    })
  const scores = floats(ranked.top_scores, "top_scores") // (B, k)
  const items = ranked.top_items?.data
  if (!(items instanceof BigInt64Array)) throw new Error("the model gave no int64 output top_items")

  const results = requests.map((request, index): ScoredMessage => {
    const kept: number[] = []
    const keptScores: number[] = []
    for (let place = index * most; place < (index + 1) * most && kept.length < request.count; place += 1) {
      const row = Number(items[place] ?? 0n)
      // Where fewer are eligible than asked for, the graph fills up with masked rows: they are not results.
      if (mask[index * rows + row] !== 1) continue
      kept.push(row)
      keptScores.push(scores[place] ?? 0)
    }
    return {
      id: request.id,
      rows: Int32Array.from(kept),
      scores: Float32Array.from(keptScores),
      because: new Int32Array(kept.length),
      heads: request.heads ? headsOf(encoded, index, histories.length) : null,
    }
  })
  explain(results, requests, left, vectors, matrix)
  return results
}

/**
 * `because` = the product whose absence lowers a row's score most; of the neighbours' votes the strongest alone
 * is counted.
 */
function explain(
  results: readonly ScoredMessage[],
  requests: readonly ScoreMessage[],
  left: readonly { request: number; row: number }[],
  vectors: Float32Array,
  { vectors: items, dimension }: ItemMatrix,
): void {
  const itemVectors = floats(items, "item_vectors")
  const strongest = results.map((result) => new Float32Array(result.rows.length).fill(LEAST_SHARE_OF_SCORE))
  const lostVotes = requests.map((request) => lostByRow(request.boosts))
  for (const [variant, { request, row }] of left.entries()) {
    const result = results[request]
    const best = strongest[request]
    if (result === undefined || best === undefined) continue
    const whole = request * dimension
    const without = (results.length + variant) * dimension
    for (let place = 0; place < result.rows.length; place += 1) {
      const item = (result.rows[place] ?? 0) * dimension
      const votes = lostVotes[request]?.get(result.rows[place] ?? 0)
      let lost = votes?.because === row ? votes.lost : 0
      for (let d = 0; d < dimension; d += 1)
        lost += ((vectors[whole + d] ?? 0) - (vectors[without + d] ?? 0)) * (itemVectors[item + d] ?? 0)
      if (lost > (best[place] ?? 0)) {
        best[place] = lost
        result.because[place] = row
      }
    }
  }
}

function lostByRow({ rows, because, lost }: Boosts): Map<number, { because: number; lost: number }> {
  return new Map(
    Array.from(rows, (row, place) => [row, { because: because[place] ?? 0, lost: lost[place] ?? 0 }]),
  )
}
