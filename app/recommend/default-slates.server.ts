/**
 * The slate that everybody sees: of a product, what goes with it, as if it were all that a visitor had looked at.
 * It is what the theme renders from a metafield without our server, and what a visitor without consent gets.
 */
import type { FeatureEvent } from "../features/history-inputs.ts"
import { excludedRows } from "./eligibility.ts"
import { type FallbackReason, rankCandidates } from "./rank-candidates.server.ts"
import { freshContext, type ShopContext } from "./shop-context.server.ts"
import { assembleSlate, CANDIDATES_PER_PLACE, type SlateEntry } from "./slate.ts"

export type DefaultSlate = {
  entries: SlateEntry[]
  fallbackReason: FallbackReason | null
  inputsHash: Buffer
  madeBy: "model" | "item_knn" | "popularity"
}

/** A moment without meaning: the one view has no gap before it, so nothing depends on when it was. */
const EPOCH_MS = 0

/** Products in flight at once: enough full batches for the scorer never to wait. */
const IN_FLIGHT = 64

/** Nobody waits for a job; a scorer that starts afresh may. */
const JOB_TIMEOUT_MS = 5_000

/** The default slate of the product in `contextRow` (0: of a page without one), less what the cart holds. */
export async function defaultSlate(
  context: ShopContext,
  contextRow: number,
  cartRows: readonly number[],
  count: number,
  timeoutMs?: number,
): Promise<DefaultSlate> {
  const product = context.products[contextRow - 1]
  const events: FeatureEvent[] = product
    ? [
        {
          type: "product_view",
          atMs: EPOCH_MS,
          receivedMs: EPOCH_MS,
          productId: product.productId,
          priceCents: null,
          quantity: null,
          source: null,
        },
      ]
    : []
  const excluded = excludedRows(context.products, { contextRow, cartRows, boughtRows: [] })
  const ranking = await rankCandidates(context, {
    events,
    excluded,
    count: count * CANDIDATES_PER_PLACE,
    explain: false,
    asOfMs: EPOCH_MS,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  const out = new Set(excluded)
  const entries = assembleSlate({
    // What a default slate rests on is the page's product; without one it is what sells.
    ranked: ranking.ranked.map((one) => ({ ...one, because: contextRow })),
    products: context.products,
    pinnedRows: context.pinnedRows,
    allowed: (row) => context.eligible[row] === 1 && !out.has(row),
    rules: context.rules,
    deeds: new Map(),
    contextRow,
    count,
  })
  return {
    entries,
    fallbackReason: ranking.fallbackReason,
    inputsHash: ranking.inputsHash,
    madeBy: ranking.servedBy,
  }
}

const remembered = new WeakMap<ShopContext, Map<string, DefaultSlate>>()

/** Default slates kept for one state of a shop: the pages of the last visitors. */
const MOST_REMEMBERED = 2_000

/** As `defaultSlate` for an empty cart, remembered until the shop's context changes. A fallback is not remembered. */
export async function rememberedDefaultSlate(
  context: ShopContext,
  contextRow: number,
  count: number,
): Promise<DefaultSlate> {
  const slates = remembered.get(context) ?? new Map<string, DefaultSlate>()
  remembered.set(context, slates)
  const name = `${contextRow}:${count}`
  const known = slates.get(name)
  if (known) return known
  const slate = await defaultSlate(context, contextRow, [], count)
  if (slates.size < MOST_REMEMBERED && slate.fallbackReason === null) slates.set(name, slate)
  return slate
}

export type ProductSlate = {
  productId: number
  /** The product's external id. */
  item: string
  madeBy: DefaultSlate["madeBy"]
  slate: { productId: number; item: string }[]
}

/**
 * The default slate of every product of the shop, for the metafields that the theme renders. Each is as long as
 * `count` while so many products are eligible.
 */
export async function defaultSlates(shopId: number, count: number): Promise<ProductSlate[]> {
  const context = await freshContext(shopId)
  const slates = new Array<ProductSlate>(context.products.length)
  let next = 0
  const work = async () => {
    for (let index = next++; index < context.products.length; index = next++) {
      const product = context.products[index]
      if (product === undefined) continue
      const { entries, madeBy } = await defaultSlate(context, index + 1, [], count, JOB_TIMEOUT_MS)
      slates[index] = {
        productId: product.productId,
        item: product.externalId,
        madeBy,
        slate: entries.map(({ product: shown }) => ({ productId: shown.productId, item: shown.externalId })),
      }
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  return slates
}
