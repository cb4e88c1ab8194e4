import type { Boosts } from "./blend.ts"
import type { GraphFile } from "./model-files.ts"
import type { HeadOutputs } from "./outlook.ts"

/** Messages between a serving process and its scorer. Arrays travel as they are (structured clone). */

/** A file of the model in the cache folder and the hash that its bytes must have. */
export type CachedFile = { path: string; sha256: string }

export type ModelSource = Record<GraphFile | "golden.json", CachedFile>

/** A shop's model with the item matrix of one state of its catalogue. */
export type LoadModel = {
  type: "load"
  /** Names model and catalogue state together: rows of a request mean rows of exactly this matrix. */
  key: string
  /** Shops with one model share its sessions. */
  modelSha: string
  files: ModelSource
  /** Item k (0-based) of these gets row k + 1 of the matrix; row 0 stands for no item. */
  itemTokens: Int32Array
  itemText: Float32Array
  itemPrice: Int32Array
  itemId: Int32Array
  /** (rows,) 1 where the product may be shown to anybody; row 0 is 0. */
  eligible: Uint8Array
}

/** What the item tower reads of the catalogue, item after item. */
export type ItemArrays = Pick<LoadModel, "itemTokens" | "itemText" | "itemPrice" | "itemId">

/** Ends the slices of a model's items and starts its load. */
export type StartLoad = Omit<LoadModel, keyof ItemArrays> & { items: number }

/**
 * Items of a model that is about to be loaded, from item `from` on. The channel copies a long message once for every
 * piece that arrives, so a catalogue travels in slices.
 */
export type ItemSlice = { type: "items"; key: string; from: number } & ItemArrays

/** Availability changed, the matrix did not. */
export type SetEligible = { type: "eligible"; key: string; eligible: Uint8Array }

export type DropModel = { type: "drop"; key: string }

export type ScoreBatch = {
  type: "score"
  requests: ScoreMessage[]
}

export type ScoreMessage = {
  id: number
  key: string
  /** The seven history columns one after the other, each (L,). */
  columns: Int32Array
  /** Rows that this shopper may not be shown. */
  excluded: Int32Array
  /** Rows of the matrix that the shop's neighbours speak for. */
  boosts: Boosts
  count: number
  explain: boolean
  /** Whether the heads are wanted beside the ranking. */
  heads: boolean
  /** Wall clock after which nobody waits for the answer. */
  deadlineMs: number
}

export type ToScorer = ItemSlice | StartLoad | SetEligible | DropModel | ScoreBatch | { type: "stop" }

export type ScoredMessage = {
  id: number
  /** Rows of the item matrix, best first. */
  rows: Int32Array
  /** Unbounded scores. */
  scores: Float32Array
  /** For each row the row of the history's product that speaks most for it; 0 = none does. */
  because: Int32Array
  /** What the model's heads say of the shopper, where that was asked for; outlook.ts reads it. */
  heads: HeadOutputs | null
}

export type FromScorer =
  | { type: "ready" }
  | { type: "loaded"; key: string; bytes: number }
  | { type: "refused"; key: string; message: string }
  | { type: "evicted"; key: string }
  | { type: "scored"; results: ScoredMessage[]; rssBytes: number }
  | { type: "failed"; ids: number[]; reason: "loading" | "score_failed"; message: string }
