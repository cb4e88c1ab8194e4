import { createHash } from "node:crypto"
import { type FeatureEvent, HISTORY_COLUMNS, historyInputs } from "../features/history-inputs.ts"
import { NO_BOOSTS, neighbourBoosts } from "../scoring/blend.ts"
import { neighbourScores } from "../scoring/item-knn.ts"
import { type ScoreFailure, score } from "../scoring/scorer.server.ts"
import { topRows } from "../scoring/top-rows.ts"
import { maskWithout } from "./eligibility.ts"
import type { ShopContext } from "./shop-context.server.ts"
import type { Deeds, Ranked } from "./slate.ts"

export type FallbackReason = ScoreFailure | "no_model"

export type Ranking = {
  /** Best first; as many as asked for while so many are eligible. */
  ranked: Ranked[]
  servedBy: "model" | "item_knn" | "popularity"
  fallbackReason: FallbackReason | null
  /** 16 bytes over everything that the ranking depended on. */
  inputsHash: Buffer
}

export type RankRequest = {
  /** In any order; received by `asOfMs`. */
  events: readonly FeatureEvent[]
  excluded: Int32Array
  count: number
  explain: boolean
  asOfMs: number
  /** Longer than a page may wait: for jobs. */
  timeoutMs?: number
}

/**
 * Ranks the eligible products for a history: by the model together with the shop's neighbours, else by item-kNN filled
 * up with popularity, else by popularity. Never throws for a model's sake; the reason of a fallback is in the result.
 */
export async function rankCandidates(context: ShopContext, request: RankRequest): Promise<Ranking> {
  const inputs = historyInputs(request.events, context.catalogue, request.asOfMs)
  const length = inputs.event_item.length
  const columns = new Int32Array(HISTORY_COLUMNS.length * length)
  for (const [index, name] of HISTORY_COLUMNS.entries()) columns.set(inputs[name], index * length)
  const history = Array.from(inputs.event_item).filter((row) => row > 0)
  const { model } = context.live
  const boosts = model ? neighbourBoosts(context.baselines.neighbours, history, model.blend) : NO_BOOSTS
  const inputsHash = createHash("sha256")
    .update(model?.key ?? "")
    .update(columns)
    .update(boosts.rows)
    .update(boosts.values)
    .update(request.excluded)
    .digest()
    .subarray(0, 16)
  const outcome = model
    ? await score(
        {
          key: model.key,
          columns,
          excluded: request.excluded,
          boosts,
          count: request.count,
          explain: request.explain,
          heads: false,
        },
        request.timeoutMs,
      )
    : ({ ok: false, reason: context.live.problem ?? "no_model" } as const)
  if (outcome.ok)
    return {
      ranked: Array.from(outcome.rows, (row, place) => ({
        row,
        score: outcome.scores[place] ?? 0,
        because: outcome.because[place] ?? 0,
      })),
      servedBy: "model",
      fallbackReason: null,
      inputsHash,
    }
  return { ...rankByBaselines(context, history, request), fallbackReason: outcome.reason, inputsHash }
}

/** Item-kNN first, then popularity for what it leaves open: pure, and quick enough to answer at once. */
export function rankByBaselines(
  { baselines, eligible }: Pick<ShopContext, "baselines" | "eligible">,
  history: readonly number[],
  { excluded, count }: Pick<RankRequest, "excluded" | "count">,
): Pick<Ranking, "ranked" | "servedBy"> {
  const mask = maskWithout(eligible, excluded)
  const { scores, because } = neighbourScores(baselines.neighbours, history)
  const ranked = topRows(scores, mask, count).flatMap((row): Ranked[] => {
    const value = scores[row] ?? 0
    return value > 0 ? [{ row, score: value, because: because[row] ?? 0 }] : []
  })
  for (const one of ranked) mask[one.row] = 0
  const servedBy = ranked.length > 0 ? "item_knn" : "popularity"
  // Below every neighbour, in its own order: the scales differ, so popularity is pressed into (−1, 0].
  for (const row of topRows(baselines.popularity, mask, count - ranked.length))
    ranked.push({ row, score: -1 / (1 + Math.max(0, baselines.popularity[row] ?? 0)), because: 0 })
  return { ranked, servedBy }
}

/** How a shopper met each product (row) of their history. */
export function deedsOf(context: Pick<ShopContext, "rowByProduct">, events: readonly FeatureEvent[]): Deeds {
  const strength = { viewed: 1, carted: 2, purchased: 3 } as const
  const deeds = new Map<number, keyof typeof strength>()
  for (const event of events) {
    const row = event.productId === null ? undefined : context.rowByProduct.get(event.productId)
    const deed = deedOf(event.type)
    if (row === undefined || deed === null) continue
    const before = deeds.get(row)
    if (before === undefined || strength[deed] > strength[before]) deeds.set(row, deed)
  }
  return deeds
}

function deedOf(type: FeatureEvent["type"]): "viewed" | "carted" | "purchased" | null {
  switch (type) {
    case "purchase":
      return "purchased"
    case "cart_add":
      return "carted"
    case "product_view":
    case "recommendation_click":
    case "favourite":
      return "viewed"
    default:
      return null
  }
}
