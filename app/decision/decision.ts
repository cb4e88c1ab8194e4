import type { Reason } from "../recommend/slate.ts"

/** Names by which the shopper of a request is known: from Shopify's signature, or made by the browser. */
export type IdentityRef = { kind: "customer" | "source" | "browser"; name: string }

export type DecisionRequest = {
  /** From authentication only. */
  shopId: number
  surface: "block" | "mail" | "flow"
  placement: string
  /** None, or consent not given: no identifier is used, and the visit stays outside every experiment. */
  identities: readonly IdentityRef[]
  consent: boolean
  /** External id of the product on the page. */
  contextItem?: string
  /** External ids of what is in the cart. */
  cartItems?: readonly string[]
  count: number
  nowMs: number
}

/** shown, withheld (the shopper is held out: the theme stays as it is), or nothing eligible to show. */
export type Outcome = "shown" | "withheld" | "nothing"

export type ServedBy = "model" | "item_knn" | "popularity" | "default"

export type DecidedProduct = {
  productId: number
  /** External id. */
  item: string
  title: string
  category: string
  brand: string
  priceCents: number | null
  currency: string | null
  imageUrl: string | null
  /** Unbounded; comparable within one slate only. */
  score: number
  reason: Reason
}

export type SlateDecision = {
  decisionId: string
  outcome: Outcome
  products: DecidedProduct[]
  servedBy: ServedBy
  /** Why not the model, where it should have been. */
  fallbackReason: string | null
  modelId: string | null
  modelVersion: string | null
  latencyMs: number
}
