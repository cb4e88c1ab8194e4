/** What a batch is about: the records that it tells of, and those that stand or fall with them. */
import type pg from "pg"
import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"
import type { HeldRecords } from "./held-record.ts"
import type { KeyedChanges } from "./keyed-changes.server.ts"
import { mergeRecords, type RecordState } from "./merge-record.ts"
import { productsOfItems } from "./project-products.server.ts"
import { type ReadRecord, readRecords } from "./read-records.server.ts"
import type { RecordKind } from "./record.ts"
import { emailIn, withoutDoubles } from "./record-owner.ts"

type Client = Pick<pg.PoolClient, "query">

/** Reads the records and merges what is told into them. Nothing is written yet. */
export async function gatherRecords(
  client: Client,
  shopId: number,
  keys: ShopKeys,
  { told }: KeyedChanges,
): Promise<HeldRecords> {
  const ofKind = (kind: RecordKind) => [...told.values()].filter((one) => one.kind === kind)
  const orders = new Set(ofKind("order").map(({ recordKey }) => recordKey))
  for (const { state } of ofKind("refund")) if (state.parentKey) orders.add(state.parentKey)
  const items = ofKind("inventory_level").flatMap(({ state }) => state.parentKey ?? [])
  const products = await productsOfItems(client, shopId, items)
  const stored = await readRecords(client, shopId, keys, {
    named: [
      ...told.values(),
      ...[...orders].map((recordKey) => ({ kind: "order" as const, recordKey })),
      ...products.map((recordKey) => ({ kind: "product" as const, recordKey })),
    ],
    childrenOf: { kind: "refund", parentKeys: [...orders] },
  })
  const records: HeldRecords = new Map()
  for (const [name, record] of stored) hold(records, name, record)
  for (const [name, { kind, recordKey, state }] of told) {
    const before = records.get(name)?.before ?? null
    const beforeShopper = records.get(name)?.beforeShopper ?? null
    const told = withoutDoubles(state)
    const merged = withoutDoubles(before ? mergeRecords(before, told) : told)
    const after = kind === "customer" ? keptByEmail(keys, merged) : merged
    records.set(name, { kind, recordKey, before, beforeShopper, after, afterShopper: null })
  }
  await addOfDeletedCustomers(client, shopId, keys, records)
  return records
}

function hold(records: HeldRecords, name: string, { kind, recordKey, shopperId, state }: ReadRecord): void {
  records.set(name, {
    kind,
    recordKey,
    before: state,
    beforeShopper: shopperId,
    after: state,
    afterShopper: shopperId,
  })
}

/** A customer is found by e-mail address, as its keyed hash. */
function keptByEmail(keys: ShopKeys, customer: RecordState): RecordState {
  const address = emailIn(customer)
  const parentKey = address === null ? null : blindIndex(keys, "email", address).toString("hex")
  return parentKey === customer.parentKey ? customer : { ...customer, parentKey }
}

/** What was about a customer who is deleted now is about somebody else. */
async function addOfDeletedCustomers(
  client: Client,
  shopId: number,
  keys: ShopKeys,
  records: HeldRecords,
): Promise<void> {
  const deleted = [...records.values()].flatMap(({ kind, recordKey, before, after }) =>
    kind === "customer" && after.deletedMs !== null && before?.deletedMs !== after.deletedMs ? recordKey : [],
  )
  if (deleted.length === 0) return
  const { rows } = await client.query<{ shopper_id: string }>(
    `SELECT shopper_id FROM shopper_identities
     WHERE shop_id = $1 AND kind = 'customer' AND blind = ANY ($2::bytea[])`,
    [shopId, deleted.map((key) => Buffer.from(key, "hex"))],
  )
  const about = rows.map((row) => row.shopper_id)
  const theirs = await readRecords(client, shopId, keys, { about })
  const orders = [...theirs.values()].flatMap(({ kind, recordKey }) => (kind === "order" ? recordKey : []))
  const refunds = await readRecords(client, shopId, keys, {
    childrenOf: { kind: "refund", parentKeys: orders },
  })
  for (const [name, record] of [...theirs, ...refunds]) if (!records.has(name)) hold(records, name, record)
}
