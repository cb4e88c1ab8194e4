/**
 * What item-to-item neighbours add to the model's scores:
 *
 *   score_j = s · v_j + λ log(1 + share_j / floor)        share = votes / Σ votes, the MOST strongest alone
 *
 * The pipeline chose λ and floor on validation (ml/throughline/blend.py, with the same neighbours and votes); the
 * neighbours are the shop's own, counted anew every hour, so what became popular together today counts before the
 * model is trained again. Limits: as of item-knn.ts; a product beyond the MOST strongest gets nothing.
 */
import { type Neighbours, neighbourScores } from "./item-knn.ts"
import { topRows } from "./top-rows.ts"

export type Blend = { weight: number; floor: number }

/** Added to the scores of some rows of the item matrix. */
export type Boosts = {
  rows: Int32Array
  /** λ log(1 + share / floor), above 0. */
  values: Float32Array
  /** For each row the history's row that speaks most for it. */
  because: Int32Array
  /** What the row would lose without that one, in votes alone; at most its value. */
  lost: Float32Array
}

export const NO_BOOSTS: Boosts = {
  rows: new Int32Array(0),
  values: new Float32Array(0),
  because: new Int32Array(0),
  lost: new Float32Array(0),
}

/** Rows that may be boosted: further ones hardly reach a slate, and every request carries them to the scorer. */
const MOST = 200

/** Boosts for a history of rows, oldest first. */
export function neighbourBoosts(
  neighbours: Neighbours,
  history: readonly number[],
  { weight, floor }: Blend,
): Boosts {
  if (weight === 0 || history.length === 0) return NO_BOOSTS
  const { scores, because, strongest } = neighbourScores(neighbours, history)
  let total = 0
  for (const votes of scores) total += votes
  if (total === 0) return NO_BOOSTS
  const voted = new Uint8Array(scores.length)
  for (const [row, votes] of scores.entries()) if (votes > 0) voted[row] = 1
  const rows = topRows(scores, voted, MOST)
  const boost = (votes: number) => weight * Math.log1p(votes / total / floor)
  return {
    rows: Int32Array.from(rows),
    values: Float32Array.from(rows, (row) => boost(scores[row] ?? 0)),
    because: Int32Array.from(rows, (row) => because[row] ?? 0),
    lost: Float32Array.from(rows, (row) => {
      const votes = scores[row] ?? 0
      return boost(votes) - boost(Math.max(0, votes - (strongest[row] ?? 0)))
    }),
  }
}
