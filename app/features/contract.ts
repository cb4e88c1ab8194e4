import { createHash } from "node:crypto"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { LIFECYCLES } from "../journey/lifecycle.ts"
import { SESSION_GAP_MS } from "../journey/sessions.ts"
import {
  GAP_BOUNDS_MS,
  HISTORY_COLUMNS,
  HISTORY_LENGTH,
  type HistoryColumn,
  QUANTITY_BOUNDS,
  SOURCE_BUCKETS,
  TYPE_VOCABULARY,
} from "./history-inputs.ts"
import { IMAGE_DIMENSION, TEXT_DIMENSION, TOKENS_PER_ITEM } from "./item-inputs.ts"
import { NEXT_STAGE_CLASSES } from "./next-stage.ts"
import { RETURN_BOUNDS_DAYS, SPEND_DAYS, STEP_GAP_BOUNDS_MS } from "./outcomes.ts"
import { PRICE_BUCKETS } from "./price-bucket.ts"
import { OUTCOME_DAYS, PURCHASE_COLUMNS } from "./purchase-summary.ts"
import { SHOPPER_FEATURES } from "./shopper-features.ts"
import { TEXT_ENCODER_SHA256 } from "./text-encoder.ts"
import { TOKEN_BUCKETS } from "./text-tokens.ts"

/**
 * Raise it when inputs change in a way that sizes and names do not show (another tokenizer, hash or order):
 * every model made before is then refused, rather than fed what it was not trained on.
 */
const DEFINITION = 2

/** Sizes of the vocabularies, padding included. null: the item column counts rows of the shop's own matrix. */
const VOCABULARY: Record<HistoryColumn, number | null> = {
  event_item: null,
  event_type: TYPE_VOCABULARY,
  event_gap: GAP_BOUNDS_MS.length + 3,
  event_price: PRICE_BUCKETS + 1,
  event_quantity: QUANTITY_BOUNDS.length + 2,
  event_boundary: 3,
  event_source: SOURCE_BUCKETS + 1,
}

/** What a model and the program must agree on. `hash` covers this, and so no pictures: they are optional, see `image_dimension`. */
export const CONTRACT = {
  definition: DEFINITION,
  history_length: HISTORY_LENGTH,
  tokens_per_item: TOKENS_PER_ITEM,
  item_inputs: [
    { name: "item_tokens", dtype: "int32", shape: ["N", TOKENS_PER_ITEM], vocabulary: TOKEN_BUCKETS + 1 },
    { name: "item_text", dtype: "float32", shape: ["N", TEXT_DIMENSION], vocabulary: null },
    { name: "item_price", dtype: "int32", shape: ["N"], vocabulary: PRICE_BUCKETS + 1 },
    { name: "item_id", dtype: "int32", shape: ["N"], vocabulary: null },
  ],
  text_encoder: TEXT_ENCODER_SHA256,
  history_inputs: HISTORY_COLUMNS.map((name) => ({
    name,
    dtype: "int32",
    shape: ["B", HISTORY_LENGTH],
    vocabulary: VOCABULARY[name],
  })),
  next_stage_classes: NEXT_STAGE_CLASSES,
  step_gap_bounds_ms: STEP_GAP_BOUNDS_MS,
  return_bounds_days: RETURN_BOUNDS_DAYS,
  spend_days: SPEND_DAYS,
  type_codes: EVENT_TYPE_CODES,
  gap_bounds_ms: GAP_BOUNDS_MS,
  quantity_bounds: QUANTITY_BOUNDS,
  session_gap_ms: SESSION_GAP_MS,
}

function sha256(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex")
}

/** A model whose manifest carries another hash is refused. */
export const CONTRACT_HASH = sha256(CONTRACT)

/** For rows of shopper features. */
export const SHOPPER_FEATURES_HASH = sha256(SHOPPER_FEATURES)

/** Text of ml/contract.json. */
export function contractJson(): string {
  const whole = {
    hash: CONTRACT_HASH,
    ...CONTRACT,
    image_dimension: IMAGE_DIMENSION,
    shopper_features: { hash: SHOPPER_FEATURES_HASH, names: SHOPPER_FEATURES },
    purchases: { columns: PURCHASE_COLUMNS, outcome_days: OUTCOME_DAYS, lifecycles: LIFECYCLES },
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}
