import type pg from "pg"
import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"
import { type NameGiven, nameKey, shoppersOfNames } from "../shopper-names.server.ts"
import type { HeldRecord, HeldRecords } from "./held-record.ts"
import { recordName, textField } from "./held-record.ts"
import { type OwnerName, ownerOf } from "./record-owner.ts"

/** Finds or makes the shoppers whom the records are about, and notes them as `afterShopper`. */
export async function resolveOwners(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  records: HeldRecords,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const deleted = await deletedCustomers(client, shopId, records)
  const given = new Map<string, NameGiven>()
  const owned: { record: HeldRecord; owner: string }[] = []
  for (const record of records.values()) {
    record.afterShopper = null
    const owner = ownerOf(record, (key) => deleted.has(key))
    if (owner === null) continue
    const name = nameOf(keys, owner, names)
    given.set(nameKey(name.kind, name.blind), name)
    owned.push({ record, owner: nameKey(name.kind, name.blind) })
  }
  const shoppers = await shoppersOfNames(client, shopId, keys, [...given.values()])
  for (const { record, owner } of owned) record.afterShopper = shoppers.get(owner)?.toString() ?? null
}

function nameOf(keys: ShopKeys, owner: OwnerName, names: ReadonlyMap<string, string>): NameGiven {
  switch (owner.kind) {
    case "email":
      return { kind: "email", blind: blindIndex(keys, "email", owner.address), name: owner.address }
    case "order":
      return { kind: "order", blind: blindIndex(keys, "order", owner.key), name: owner.key }
    case "customer":
    case "checkout": {
      // The record's key is the keyed hash already.
      const name = names.get(`${owner.kind} ${owner.key}`) ?? null
      return { kind: owner.kind, blind: Buffer.from(owner.key, "hex"), name }
    }
    default:
      return owner satisfies never
  }
}

async function deletedCustomers(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  records: HeldRecords,
): Promise<Set<string>> {
  const deleted = new Set<string>()
  const unread = new Set<string>()
  for (const { after } of records.values()) {
    const key = textField(after, "customer")
    if (key === null) continue
    const customer = records.get(recordName("customer", key))
    if (customer === undefined) unread.add(key)
    else if (customer.after.deletedMs !== null) deleted.add(key)
  }
  if (unread.size === 0) return deleted
  const { rows } = await client.query<{ record_key: string }>(
    `SELECT record_key FROM shop_records
     WHERE shop_id = $1 AND kind = 'customer' AND record_key = ANY ($2::text[]) AND deleted`,
    [shopId, [...unread]],
  )
  for (const { record_key } of rows) deleted.add(record_key)
  return deleted
}
