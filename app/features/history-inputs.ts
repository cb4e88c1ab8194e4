import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { SESSION_GAP_MS } from "../journey/sessions.ts"
import { priceBucket } from "./price-bucket.ts"
import { fnv1a32 } from "./text-tokens.ts"

/** Events that the encoder sees, newest last. 50 holds the last visits of nearly every shopper of a small shop. */
export const HISTORY_LENGTH = 50

/** Events to read for full inputs: one more than the history, for the oldest event's gap. */
export const HISTORY_EVENTS_NEEDED = HISTORY_LENGTH + 1

/** Upper bounds of the gap buckets, in ms. Bucket 0 = padding, 1 = a first event, 2 = gap ≤ the first bound, … */
export const GAP_BOUNDS_MS = [
  0, 2_000, 5_000, 10_000, 20_000, 45_000, 90_000, 180_000, 420_000, 900_000, 1_800_000, 7_200_000,
  28_800_000, 86_400_000, 259_200_000, 604_800_000, 1_209_600_000, 2_592_000_000, 7_776_000_000,
]

/** Upper bounds of the quantity buckets. Bucket 0 = padding or no quantity. */
export const QUANTITY_BOUNDS = [1, 2, 3, 5, 9, 19, 49]

/** Buckets of the visit's source; 0 = none or unknown. */
export const SOURCE_BUCKETS = 16

/** Room for event types to come, so that a new type does not void every model. */
export const TYPE_VOCABULARY = 32

/** An event as a model sees it: no name, no address, no free text. */
export type FeatureEvent = {
  type: EventType
  /** When it happened, epoch ms. */
  atMs: number
  /** When the shop learnt of it, epoch ms (`learntMs`). */
  receivedMs: number
  /** The shop's own number of the product, or null. */
  productId: number | null
  priceCents: number | null
  quantity: number | null
  source: string | null
}

/** The shop's item matrix as features need it: row r ≥ 1 of the matrix is a product, row 0 stands for none. */
export type Catalogue = {
  rowByProduct: ReadonlyMap<number, number>
  /** Price bucket of each row; index 0 is 0. */
  priceBucketByRow: ArrayLike<number>
  priceEdges: readonly number[]
}

/** Columns of the encoder's history, in the order of the contract. */
export const HISTORY_COLUMNS = [
  "event_item",
  "event_type",
  "event_gap",
  "event_price",
  "event_quantity",
  "event_boundary",
  "event_source",
] as const

export type HistoryColumn = (typeof HISTORY_COLUMNS)[number]
export type HistoryInputs = Record<HistoryColumn, Int32Array>

function bucketBy(bounds: readonly number[], value: number): number {
  let bucket = 0
  while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket += 1
  return bucket
}

export function gapBucket(gapMs: number | null): number {
  return gapMs === null ? 1 : 2 + bucketBy(GAP_BOUNDS_MS, Math.max(0, gapMs))
}

export function quantityBucket(quantity: number | null): number {
  return quantity === null || quantity < 1 ? 0 : 1 + bucketBy(QUANTITY_BOUNDS, quantity)
}

export function sourceBucket(source: string | null): number {
  return source === null || source === ""
    ? 0
    : 1 + (fnv1a32(source.normalize("NFKC").toLowerCase()) % SOURCE_BUCKETS)
}

/** True where a visit starts: after the journey's gap, or with another named source. Looks at two events only. */
export function startsSession(event: FeatureEvent, previous: FeatureEvent | undefined): boolean {
  if (previous === undefined) return true
  if (event.atMs - previous.atMs > SESSION_GAP_MS) return true
  return event.source !== null && previous.source !== null && event.source !== previous.source
}

/**
 * The one order in which models read events: as they were learnt of, then as they happened. Ties (a basket,
 * a log by the day) are ordered by stage and product, so that storage order never reaches a model.
 */
export function inReadingOrder<Event extends FeatureEvent>(events: readonly Event[]): Event[] {
  return [...events].sort(
    (a, b) =>
      a.receivedMs - b.receivedMs ||
      a.atMs - b.atMs ||
      EVENT_TYPE_CODES[a.type] - EVENT_TYPE_CODES[b.type] ||
      (a.productId ?? 0) - (b.productId ?? 0),
  )
}

/** Columns for events `from`…end of an ordered list, written right-aligned into columns of `length`. */
export function historyColumns(
  ordered: readonly FeatureEvent[],
  catalogue: Catalogue,
  from: number,
  length: number,
): HistoryInputs {
  const columns: HistoryInputs = {
    event_item: new Int32Array(length),
    event_type: new Int32Array(length),
    event_gap: new Int32Array(length),
    event_price: new Int32Array(length),
    event_quantity: new Int32Array(length),
    event_boundary: new Int32Array(length),
    event_source: new Int32Array(length),
  }
  for (let index = from; index < ordered.length; index += 1) {
    const event = ordered[index]
    if (event === undefined) continue
    const previous = ordered[index - 1]
    const at = length - ordered.length + index
    const row = event.productId === null ? 0 : (catalogue.rowByProduct.get(event.productId) ?? 0)
    columns.event_item[at] = row
    columns.event_type[at] = EVENT_TYPE_CODES[event.type]
    columns.event_gap[at] = gapBucket(previous === undefined ? null : event.atMs - previous.atMs)
    columns.event_price[at] =
      event.priceCents === null
        ? (catalogue.priceBucketByRow[row] ?? 0)
        : priceBucket(event.priceCents, catalogue.priceEdges)
    columns.event_quantity[at] = quantityBucket(event.quantity)
    columns.event_boundary[at] = startsSession(event, previous) ? 2 : 1
    columns.event_source[at] = sourceBucket(event.source)
  }
  return columns
}

/**
 * Inputs of the encoder for one shopper as of a moment: the last HISTORY_LENGTH events that had been received
 * by then, right-aligned, each column int32 of shape (L,), 0 = padding. Pass HISTORY_EVENTS_NEEDED events or
 * more; with exactly HISTORY_LENGTH the oldest event reads as a first one.
 */
export function historyInputs(
  events: readonly FeatureEvent[],
  catalogue: Catalogue,
  asOfMs: number,
): HistoryInputs {
  const ordered = inReadingOrder(events.filter((event) => event.receivedMs <= asOfMs && event.atMs <= asOfMs))
  return historyColumns(ordered, catalogue, Math.max(0, ordered.length - HISTORY_LENGTH), HISTORY_LENGTH)
}
