/**
 * A decision as the block reads it. It names products, no more: titles, prices and currency come from the shop itself,
 * in the visitor's market and language, so none of ours can be stale there.
 */
export type BlockJson = {
  decisionId: string
  /** shown; withheld from the holdout; nothing fit to show */
  outcome: "shown" | "withheld" | "nothing"
  /** model, or the fallback that answered instead */
  servedBy: "model" | "item_knn" | "popularity" | "default"
  /** Why it was not the model. */
  fallbackReason: string | null
  modelVersion: string | null
  products: BlockProduct[]
}

export type BlockProduct = {
  /** The shop's own id of the product. */
  product: string
  /** Absent where the merchant put the product there, and where it would name the product itself. */
  reason?: { kind: ReasonKind; product?: string }
}

/** Kinds for which the theme extension has a text. */
export type ReasonKind = "viewed" | "carted" | "purchased" | "similar" | "popular"

/** The part of a decision that the block shows. */
export type ShownDecision = Omit<BlockJson, "products"> & {
  products: readonly { item: string; reason: { kind: ReasonKind | "pinned"; item?: string } }[]
}

export function blockJson(decision: ShownDecision): BlockJson {
  const { decisionId, outcome, servedBy, fallbackReason, modelVersion } = decision
  // The holdout sees the shop's own theme: naming what it would have seen would tell whoever looks.
  const products = outcome === "shown" ? decision.products : []
  return {
    decisionId,
    outcome,
    servedBy,
    fallbackReason,
    modelVersion,
    products: products.map(({ item, reason: { kind, item: about } }) =>
      // "Because you viewed it", under the very product, says nothing.
      kind === "pinned" || about === item
        ? { product: item }
        : { product: item, reason: about === undefined ? { kind } : { kind, product: about } },
    ),
  }
}
