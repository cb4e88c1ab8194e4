/**
 * The one place that decides what a shopper sees. In this order: consent, holdout, then the history is read, the
 * candidates are filtered and ranked, and the slate is put together; the decision is logged with what it rests on.
 */
import { randomUUID } from "node:crypto"
import { assignmentOf } from "../experiment/assignment.ts"
import type { FeatureEvent } from "../features/history-inputs.ts"
import { countFallback } from "../metrics.server.ts"
import { defaultSlate, rememberedDefaultSlate } from "../recommend/default-slates.server.ts"
import { excludedRows } from "../recommend/eligibility.ts"
import { deedsOf, rankCandidates } from "../recommend/rank-candidates.server.ts"
import { type ShopContext, shopContext } from "../recommend/shop-context.server.ts"
import { assembleSlate, CANDIDATES_PER_PLACE, type SlateEntry } from "../recommend/slate.ts"
import type { DecidedProduct, DecisionRequest, ServedBy, SlateDecision } from "./decision.ts"
import { type DecisionRow, logDecision } from "./decision-log.server.ts"
import { blindRefs, findPerson, readHistory, type ShopperHistory } from "./read-history.server.ts"

type Slate = {
  entries: SlateEntry[]
  servedBy: ServedBy
  fallbackReason: string | null
  inputsHash: Buffer | null
  byModel: boolean
}

/**
 * Decides, logs and returns the slate of one request.
 * @throws AppError `unavailable` when decisions can no longer be put on record.
 */
export async function decideSlate(request: DecisionRequest): Promise<SlateDecision> {
  const startedMs = performance.now()
  const context = await shopContext(request.shopId)
  const contextRow = context.rowByExternalId.get(request.contextItem ?? "") ?? 0
  const cartRows = (request.cartItems ?? []).flatMap((item) => context.rowByExternalId.get(item) ?? [])
  const place: Place = { request, context, contextRow, cartRows, startedMs }

  if (!request.consent || request.identities.length === 0)
    return conclude(place, null, await everybodysSlate(place))

  const refs = await blindRefs(request.shopId, request.identities)
  if (context.holdoutShare > 0) {
    // The name that the person was first known by, so that a log-in on another device stays on its side; else the
    // surest name, which becomes the first as soon as an event makes a person of it.
    const person = await findPerson(request.shopId, refs)
    const name = person?.firstName ?? refs[0]?.blind
    const unit = `name:${name?.toString("hex") ?? ""}`
    if (assignmentOf(request.shopId, unit, context.holdoutShare) === "holdout")
      return conclude(place, person?.shopperId ?? null, null)
  }
  const history = await readHistory(request.shopId, refs)
  // A robot gets what everybody gets, and counts for nobody.
  if (history.bot) return conclude(place, null, await everybodysSlate(place))
  return conclude(place, history.shopperId, await personalSlate(place, history))
}

type Place = {
  request: DecisionRequest
  context: ShopContext
  contextRow: number
  cartRows: readonly number[]
  startedMs: number
}

async function everybodysSlate({ request, context, contextRow, cartRows }: Place): Promise<Slate> {
  const slate =
    cartRows.length === 0
      ? await rememberedDefaultSlate(context, contextRow, request.count)
      : await defaultSlate(context, contextRow, cartRows, request.count)
  return {
    entries: slate.entries,
    servedBy: "default",
    fallbackReason: slate.fallbackReason,
    inputsHash: slate.inputsHash,
    byModel: slate.madeBy === "model",
  }
}

async function personalSlate(place: Place, history: ShopperHistory): Promise<Slate> {
  const { request, context, contextRow, cartRows } = place
  const events = withPageView(place, history.events)
  const excluded = excludedRows(context.products, {
    contextRow,
    cartRows,
    boughtRows: history.boughtProductIds.flatMap((id) => context.rowByProduct.get(id) ?? []),
  })
  const ranking = await rankCandidates(context, {
    events,
    excluded,
    count: request.count * CANDIDATES_PER_PLACE,
    explain: true,
    asOfMs: request.nowMs,
  })
  const out = new Set(excluded)
  const entries = assembleSlate({
    ranked: ranking.ranked,
    products: context.products,
    pinnedRows: context.pinnedRows,
    allowed: (row) => context.eligible[row] === 1 && !out.has(row),
    rules: context.rules,
    deeds: deedsOf(context, history.events),
    contextRow,
    count: request.count,
  })
  return {
    entries,
    servedBy: ranking.servedBy,
    fallbackReason: ranking.fallbackReason,
    inputsHash: ranking.inputsHash,
    byModel: ranking.servedBy === "model",
  }
}

/** The page that asks is a view of its product, whether or not the pixel has told us of it yet. */
function withPageView({ request, context, contextRow }: Place, events: FeatureEvent[]): FeatureEvent[] {
  const product = context.products[contextRow - 1]
  if (product === undefined) return events
  let latest: FeatureEvent | undefined
  for (const event of events) if (latest === undefined || event.atMs >= latest.atMs) latest = event
  if (latest?.productId === product.productId && latest.type === "product_view") return events
  return [
    ...events,
    {
      type: "product_view",
      atMs: request.nowMs,
      receivedMs: request.nowMs,
      productId: product.productId,
      priceCents: null,
      quantity: null,
      source: null,
    },
  ]
}

function decided(entry: SlateEntry): DecidedProduct {
  const { product, score, reason } = entry
  return {
    productId: product.productId,
    item: product.externalId,
    title: product.title,
    category: product.category,
    brand: product.brand,
    priceCents: product.priceCents,
    currency: product.currency,
    imageUrl: product.imageUrl,
    score,
    reason,
  }
}

/** `slate` null: the shopper is held out. */
async function conclude(place: Place, shopperId: bigint | null, slate: Slate | null): Promise<SlateDecision> {
  const { request, context, contextRow, startedMs } = place
  const products = slate?.entries.map(decided) ?? []
  const model = slate?.byModel ? context.live.model : null
  const decision: SlateDecision = {
    decisionId: randomUUID(),
    outcome: slate === null ? "withheld" : products.length === 0 ? "nothing" : "shown",
    products,
    servedBy: slate?.servedBy ?? "default",
    fallbackReason: slate?.fallbackReason ?? null,
    modelId: model?.modelId ?? null,
    modelVersion: model?.version ?? null,
    latencyMs: performance.now() - startedMs,
  }
  if (decision.fallbackReason !== null) countFallback(decision.fallbackReason)
  const row: DecisionRow = {
    decisionId: decision.decisionId,
    atMs: request.nowMs,
    shopperId,
    surface: request.surface,
    placement: request.placement,
    contextProductId: context.products[contextRow - 1]?.productId ?? null,
    outcome: decision.outcome,
    productIds: products.map((product) => product.productId),
    scores: products.map((product) => product.score),
    // The title may change; the id says which product it was.
    reasons: products.map(({ reason }) =>
      "item" in reason ? { kind: reason.kind, item: reason.item } : { kind: reason.kind },
    ),
    servedBy: decision.servedBy,
    fallbackReason: decision.fallbackReason,
    modelId: decision.modelId,
    inputsHash: slate?.inputsHash ?? null,
    latencyMs: decision.latencyMs,
  }
  await logDecision(request.shopId, row)
  return decision
}
