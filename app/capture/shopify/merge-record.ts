/**
 * Two tellings of one record → what is known from both. Each field is a register of its own: the newest version wins,
 * and of two values with one version the one with the greater digest, so that everybody settles on the same one.
 * Deletion wins over everything. So merging is commutative, associative and idempotent (a join of a semilattice:
 * Shapiro et al., "Conflict-free replicated data types", 2011), and the order, the number and the lateness of messages
 * do not matter.
 *
 * Its limit: two values of one field within the same version are told apart by chance, not by time. `versionOf`
 * (shop-time.ts) keeps that to messages of one millisecond.
 */
import { hash } from "node:crypto"
import type { RecordKind } from "./record.ts"

/** A value and when the shop said so, epoch milliseconds. */
export type Told = { value: unknown; atMs: number }

export type RecordState = {
  kind: RecordKind
  parentKey: string | null
  fields: ReadonlyMap<string, Told>
  /** What names a person: kept apart, for it is sealed where it lies. */
  personal: ReadonlyMap<string, Told>
  deletedMs: number | null
  /** The newest message that was less than the whole. */
  wantedMs: number | null
  /** The person behind it was erased: it stays without one, whatever comes. */
  erased: boolean
}

/**
 * A deleted product keeps its words: orders of the past still name it, and they say nothing of a person. Of everything
 * else that is deleted nothing is kept.
 */
const KEEPS_FIELDS: ReadonlySet<RecordKind> = new Set(["product"])

/** Fields that lead to a person. */
const LEADING_FIELDS = ["customer", "cartToken", "checkoutToken"]

/** @returns `known` itself where `other` adds nothing to it. */
export function mergeRecords(known: RecordState, other: RecordState): RecordState {
  const deletedMs = newest(known.deletedMs, other.deletedMs)
  const erased = known.erased || other.erased
  const keeps = deletedMs === null || KEEPS_FIELDS.has(known.kind)
  const [ours, theirs] = erased
    ? [withoutPerson(known.fields), withoutPerson(other.fields)]
    : [known.fields, other.fields]
  const fields = keeps ? mergeFields(ours, theirs) : emptied(ours)
  const personal = keeps && !erased ? mergeFields(known.personal, other.personal) : emptied(known.personal)
  const merged: RecordState = {
    kind: known.kind,
    parentKey: greater(known.parentKey, other.parentKey),
    fields,
    personal,
    deletedMs,
    wantedMs: deletedMs === null ? newest(known.wantedMs, other.wantedMs) : null,
    erased,
  }
  // A want that was met is none: times only grow, so it is not wanted again without a newer one.
  if (!lacksTheWhole(merged)) merged.wantedMs = null
  return isSame(known, merged) ? known : merged
}

function isSame(one: RecordState, other: RecordState): boolean {
  return (
    one.fields === other.fields &&
    one.personal === other.personal &&
    one.deletedMs === other.deletedMs &&
    one.wantedMs === other.wantedMs &&
    one.parentKey === other.parentKey &&
    one.erased === other.erased
  )
}

/** Whether two states of a record say the same, whenever they were told. */
export function sayTheSame(one: RecordState, other: RecordState): boolean {
  const values = ({ fields, personal }: RecordState) =>
    canonicalJson(
      [fields, personal].map((map) => Object.fromEntries([...map].map(([name, { value }]) => [name, value]))),
    )
  return (one.deletedMs === null) === (other.deletedMs === null) && values(one) === values(other)
}

/** When the record was last told anything. */
export function recordVersionMs(state: RecordState): number {
  const times = [...state.fields.values(), ...state.personal.values()].map(({ atMs }) => atMs)
  if (state.deletedMs !== null) times.push(state.deletedMs)
  return times.length > 0 ? Math.max(...times) : (state.wantedMs ?? 0)
}

/**
 * Since when something is missing that reconciliation is to ask for, epoch milliseconds; null where nothing is. A
 * message that is known to be less than the whole is made good by a later one that tells the core of the record. Of a
 * product whose variants are told without a word on whether their stock counts, that word is missing.
 */
export function wantedSince(state: RecordState): number | null {
  if (state.deletedMs !== null) return null
  if (lacksTheWhole(state)) return state.wantedMs
  return state.kind === "product" && hasUntracked(state) ? (coreToldMs(state) ?? null) : null
}

function lacksTheWhole(state: RecordState): boolean {
  if (state.wantedMs === null) return false
  const toldMs = coreToldMs(state)
  return toldMs === undefined || toldMs < state.wantedMs
}

function coreToldMs({ kind, fields }: RecordState): number | undefined {
  const core = CORE_FIELD.get(kind)
  return core ? fields.get(core)?.atMs : newestOf(fields)
}

/** What tells that a message was whole. */
const CORE_FIELD: ReadonlyMap<RecordKind, string> = new Map([
  ["order", "lines"],
  ["product", "variants"],
])

function hasUntracked(product: RecordState): boolean {
  const variants = product.fields.get("variants")?.value
  const tracking = product.fields.get("tracking")?.value
  const known = typeof tracking === "object" && tracking !== null ? tracking : {}
  return Array.isArray(variants) && variants.some(({ id }) => !Object.hasOwn(known, String(id)))
}

function newestOf(fields: ReadonlyMap<string, Told>): number | undefined {
  return fields.size === 0 ? undefined : Math.max(...[...fields.values()].map(({ atMs }) => atMs))
}

function mergeFields(
  known: ReadonlyMap<string, Told>,
  other: ReadonlyMap<string, Told>,
): ReadonlyMap<string, Told> {
  let merged: Map<string, Told> | undefined
  for (const [name, told] of other) {
    const before = known.get(name)
    if (before !== undefined && !isNewer(name, told, before)) continue
    merged ??= new Map(known)
    merged.set(name, told)
  }
  return merged ?? known
}

function isNewer(name: string, told: Told, before: Told): boolean {
  if (told.atMs !== before.atMs) return told.atMs > before.atMs
  // Of two words of one moment the withdrawal stands (shop/consent.server.ts settles it so too).
  if (name === "granted" && (told.value === false) !== (before.value === false)) return told.value === false
  const [one, other] = [canonicalJson(told.value), canonicalJson(before.value)]
  return one !== other && digest(one) > digest(other)
}

function emptied(map: ReadonlyMap<string, Told>): ReadonlyMap<string, Told> {
  return map.size === 0 ? map : new Map()
}

function withoutPerson(map: ReadonlyMap<string, Told>): ReadonlyMap<string, Told> {
  if (!LEADING_FIELDS.some((name) => map.has(name))) return map
  return new Map([...map].filter(([name]) => !LEADING_FIELDS.includes(name)))
}

function newest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.max(one, other)
}

function greater(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return one >= other ? one : other
}

function digest(text: string): string {
  return hash("sha256", text, "hex")
}

/** The database keeps the keys of an object in an order of its own. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
