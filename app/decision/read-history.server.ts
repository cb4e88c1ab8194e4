import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import { databasePool } from "../db.server.ts"
import { type FeatureEvent, HISTORY_EVENTS_NEEDED } from "../features/history-inputs.ts"
import { learntMs } from "../features/learnt.ts"
import { blindIndex, shopKeys } from "../shop/keys.server.ts"
import type { IdentityRef } from "./decision.ts"

export type ShopperHistory = {
  /** The person, after joins; null where nobody is known by these names yet. */
  shopperId: bigint | null
  bot: boolean
  /** The last events, in any order. */
  events: FeatureEvent[]
  /** Products bought and not given back. */
  boughtProductIds: number[]
}

const TYPE_BY_CODE = new Map<number, EventType>(EVENT_TYPES.map((type) => [EVENT_TYPE_CODES[type], type]))

/** A signed customer is surer than a browser. */
const STRENGTH: Record<IdentityRef["kind"], number> = { customer: 0, source: 1, browser: 2 }

/** Blind indices of the names, surest first: they stand for the shopper without naming them. */
export async function blindRefs(shopId: number, identities: readonly IdentityRef[]): Promise<BlindRef[]> {
  const keys = await shopKeys(shopId)
  return [...identities]
    .sort((a, b) => STRENGTH[a.kind] - STRENGTH[b.kind])
    .map(({ kind, name }) => ({ kind, blind: blindIndex(keys, kind, name) }))
}

type EventTuple = [number, number, number, number | null, number | null, number | null, string | null]

type HistoryRow = {
  person: string | null
  bot: boolean
  events: EventTuple[] | null
  bought: number[] | null
}

export type BlindRef = { kind: string; blind: Buffer }

const parameters = (shopId: number, refs: readonly BlindRef[]) => [
  shopId,
  refs.map((ref) => ref.kind),
  refs.map((ref) => ref.blind),
]

/** A person, after joins, and the blind index of the name they were first known by. */
export type FoundPerson = { shopperId: bigint; firstName: Buffer | null }

/** The person of the surest name; null where none is known yet. */
export async function findPerson(shopId: number, refs: readonly BlindRef[]): Promise<FoundPerson | null> {
  const { rows } = await databasePool().query<{ person: string | null; first_name: Buffer | null }>({
    name: "find_person",
    text: "SELECT * FROM find_person($1, $2, $3)",
    values: parameters(shopId, refs),
  })
  const [row] = rows
  return row?.person == null ? null : { shopperId: BigInt(row.person), firstName: row.first_name }
}

/**
 * The person of the surest name, with the last events and purchases of all who were joined to a person of any of the
 * names (so that a log-in counts at once). One statement of the first migration, hence one round trip.
 */
export async function readHistory(shopId: number, refs: readonly BlindRef[]): Promise<ShopperHistory> {
  const { rows } = await databasePool().query<HistoryRow>({
    name: "shopper_history",
    text: "SELECT * FROM shopper_history($1, $2, $3, $4)",
    values: [...parameters(shopId, refs), HISTORY_EVENTS_NEEDED],
  })
  const [row] = rows
  return {
    shopperId: row?.person == null ? null : BigInt(row.person),
    bot: row?.bot ?? false,
    events: (row?.events ?? []).flatMap(featureEvent),
    boughtProductIds: row?.bought ?? [],
  }
}

function featureEvent([
  code,
  atMs,
  receivedMs,
  productId,
  priceCents,
  quantity,
  source,
]: EventTuple): FeatureEvent[] {
  const type = TYPE_BY_CODE.get(code)
  // A type of a newer version, during a rolling upgrade: it is not in this one's vocabulary.
  if (type === undefined) return []
  const learnt = learntMs(atMs, receivedMs)
  return [{ type, atMs, receivedMs: learnt, productId, priceCents, quantity, source: source || null }]
}
