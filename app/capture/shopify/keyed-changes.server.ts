/**
 * Changes as the shop tells them → what is told of each record, under the keys by which records lie in the database.
 * Several changes of one record become one. Ids that name a person or open a cart become keyed hashes here, and what
 * is about an erased person is left out.
 */

import type pg from "pg"
import { erasedNames } from "../../shop/erased-names.server.ts"
import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"
import { tokenKey } from "./cart-link.server.ts"
import { recordName } from "./held-record.ts"
import { mergeRecords, type RecordState, type Told } from "./merge-record.ts"
import type { RecordChange, RecordKind } from "./record.ts"
import { variantsAndTracking } from "./variant-tracking.ts"

export type KeyedChanges = {
  told: Map<string, { kind: RecordKind; recordKey: string; state: RecordState }>
  /** Names in the clear, by kind and keyed hash: a new shopper's name is sealed from here. */
  names: Map<string, string>
}

export async function keyedChanges(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  changes: readonly RecordChange[],
): Promise<KeyedChanges> {
  const keyed: KeyedChanges = { told: new Map(), names: new Map() }
  const keyOf = keyMaker(keys, keyed.names)
  const erased = await erasedNames(client, shopId, keys, changes.flatMap(namesIn))
  for (const change of changes) {
    const isErased = namesIn(change).some(({ kind, name }) => {
      const erasedMs = erased.erasedAtMs(kind, name)
      return erasedMs !== null && timeOf(change) <= erasedMs
    })
    // An order's money stays, and so do the days of a refund; nothing else of an erased person does.
    if (isErased && change.kind !== "order") continue
    const recordKey = recordKeyOf(change, keyOf)
    const name = recordName(change.kind, recordKey)
    const state = stateOfChange(change, keyOf, isErased)
    const before = keyed.told.get(name)
    keyed.told.set(name, {
      kind: change.kind,
      recordKey,
      state: before ? mergeRecords(before.state, state) : mergeRecords(EMPTY(change.kind), state),
    })
  }
  return keyed
}

/** Merging into nothing brings a change into the form that merging keeps. */
const EMPTY = (kind: RecordKind): RecordState => ({
  kind,
  parentKey: null,
  fields: new Map(),
  personal: new Map(),
  deletedMs: null,
  wantedMs: null,
  erased: false,
})

type KeyOf = (kind: "customer" | "email" | "marketing_consent" | "cart" | "checkout", name: string) => string

/** The same customer is named by many orders of a batch. */
function keyMaker(keys: ShopKeys, names: Map<string, string>): KeyOf {
  const made = new Map<string, string>()
  return (kind, name) => {
    const known = made.get(`${kind} ${name}`)
    if (known !== undefined) return known
    const key =
      kind === "cart" || kind === "checkout"
        ? tokenKey(keys, kind, name)
        : blindIndex(keys, kind, name).toString("hex")
    made.set(`${kind} ${name}`, key)
    names.set(`${kind} ${key}`, name)
    return key
  }
}

function recordKeyOf(change: RecordChange, keyOf: KeyOf): string {
  switch (change.kind) {
    case "customer":
    case "marketing_consent":
    case "cart":
    case "checkout":
      return keyOf(change.kind, change.id)
    case "shop":
    case "product":
    case "collection":
    case "inventory_level":
    case "order":
    case "refund":
    case "fulfilment":
      return change.id
    default:
      return change satisfies never
  }
}

/** Names of the people in a change, as the ledger of erased people knows them. */
function namesIn(change: RecordChange): { kind: string; name: string }[] {
  const names: { kind: string; name: string }[] = []
  if (change.kind === "customer") names.push({ kind: "customer", name: change.id })
  if (change.kind === "cart" || change.kind === "checkout") names.push({ kind: change.kind, name: change.id })
  if (change.customerId) names.push({ kind: "customer", name: change.customerId })
  if (change.personal?.email) names.push({ kind: "email", name: change.personal.email })
  return names
}

function timeOf(change: RecordChange): number {
  return change.kind === "order" || change.kind === "checkout"
    ? (change.fields.createdAtMs ?? change.versionMs)
    : change.versionMs
}

function stateOfChange(change: RecordChange, keyOf: KeyOf, erased: boolean): RecordState {
  const { kind, versionMs: atMs, customerId, deleted, wanted } = change
  const fields = new Map<string, Told>()
  for (const [name, value] of Object.entries(change.fields))
    if (value !== undefined) fields.set(name, { value: storedValue(name, value, keyOf), atMs })
  // Two registers: not every message that tells the variants tells whether their stock counts.
  if (change.kind === "product" && change.fields.variants) {
    const { variants, tracking } = variantsAndTracking(change.fields.variants)
    fields.set("variants", { value: storedValue("variants", variants, keyOf), atMs })
    if (tracking) fields.set("tracking", { value: tracking, atMs })
  }
  if (customerId !== undefined && kind !== "customer")
    fields.set("customer", { value: customerId === null ? null : keyOf("customer", customerId), atMs })
  const personal = new Map<string, Told>()
  for (const [name, value] of Object.entries(change.personal ?? {}))
    if (value !== undefined) personal.set(name, { value, atMs })
  return {
    kind,
    parentKey: change.parentId ?? null,
    fields,
    personal,
    deletedMs: deleted ? atMs : null,
    wantedMs: wanted ? atMs : null,
    erased,
  }
}

/** Lists of things with an id come in any order; baskets keep theirs. */
function storedValue(name: string, value: unknown, keyOf: KeyOf): unknown {
  if (name === "cartToken" && typeof value === "string") return keyOf("cart", value)
  if (name === "checkoutToken" && typeof value === "string") return keyOf("checkout", value)
  if (!Array.isArray(value)) return value
  const ids = value.map(idIn)
  return ids.some((id) => id === null) ? value : [...value].sort((a, b) => compareIds(idIn(a), idIn(b)))
}

function idIn(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null
  const id = "lineId" in value ? value.lineId : "id" in value ? value.id : null
  return typeof id === "string" ? id : null
}

/** Ids are numbers as text: the shorter one is the smaller one. */
function compareIds(one: string | null, other: string | null): number {
  const [a, b] = [one ?? "", other ?? ""]
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
