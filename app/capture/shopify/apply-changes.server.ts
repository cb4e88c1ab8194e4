/**
 * What the shop told → what we hold: records, and what follows from them (products, people, consents, events, links).
 *
 * Everything but the records is a function of the records, and the records are the same whatever the order of the
 * messages (merge-record.ts). So is the whole, up to the numbers that shoppers and products get.
 *
 * One batch of a shop is applied at a time: two that each bring half of a person would not see each other's half.
 */
import type pg from "pg"
import type { ShopKeys } from "../../shop/keys.server.ts"
import { gatherRecords } from "./gather-records.server.ts"
import type { HeldRecord } from "./held-record.ts"
import { joinByEmail } from "./join-by-email.server.ts"
import { keyedChanges } from "./keyed-changes.server.ts"
import { leaveShoppers } from "./leave-shoppers.server.ts"
import { sayTheSame } from "./merge-record.ts"
import { projectConsents } from "./project-consents.server.ts"
import { eventDifference, replaceEvents } from "./project-events.server.ts"
import { projectLinks } from "./project-links.server.ts"
import { projectProducts } from "./project-products.server.ts"
import { projectShop } from "./project-shop.server.ts"
import type { RecordChange, RecordKind } from "./record.ts"
import { resolveOwners } from "./resolve-owners.server.ts"
import { touchShoppers } from "./touch-shoppers.server.ts"
import type { TouchedShoppers } from "./touched-shoppers.ts"
import { writeRecords } from "./write-records.server.ts"

export type ApplyOptions = {
  receivedAt: Date
  source: "webhook" | "history" | "reconcile"
}

/** How many records of each kind say something else than before; that the same was said later again does not count. */
export type AppliedChanges = { changed: Partial<Record<RecordKind, number>> }

/** Namespace of the advisory lock: an arbitrary number, the same in every process. */
const RECORDS_LOCK = 0x7265636f

/**
 * Applies changes, in any order, any number of times. Made for batches of up to about a thousand.
 * @param client inside the shop's transaction, which has not touched the events yet; so one call a transaction
 */
export async function applyChanges(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  changes: readonly RecordChange[],
  { receivedAt, source }: ApplyOptions,
): Promise<AppliedChanges> {
  if (changes.length === 0) return { changed: {} }
  await client.query("SELECT pg_advisory_xact_lock($1, $2)", [RECORDS_LOCK, shopId])
  const keyed = await keyedChanges(client, shopId, keys, changes)
  const records = await gatherRecords(client, shopId, keys, keyed)
  await resolveOwners(client, shopId, keys, records, keyed.names)

  const touched: TouchedShoppers = new Map()
  const changed = [...records.values()].filter(isChanged)
  const difference = eventDifference(records, receivedAt)
  await writeRecords(client, shopId, keys, changed)
  await projectShop(client, shopId, records)
  await projectProducts(client, shopId, records)
  await replaceEvents(client, shopId, keys, difference, receivedAt, touched)
  await projectConsents(client, shopId, records, source)
  await projectLinks(client, shopId, records, receivedAt.getTime(), touched)
  await joinByEmail(client, shopId, keys, records, touched)
  await leaveShoppers(client, shopId, records, touched)
  await touchShoppers(client, shopId, touched, difference)
  return { changed: countByKind(changed.filter(saysOther)) }
}

function isChanged({ before, after, beforeShopper, afterShopper }: HeldRecord): boolean {
  return before !== after || beforeShopper !== afterShopper
}

function saysOther({ before, after, beforeShopper, afterShopper }: HeldRecord): boolean {
  return before === null || beforeShopper !== afterShopper || !sayTheSame(before, after)
}

function countByKind(records: readonly HeldRecord[]): Partial<Record<RecordKind, number>> {
  const counts: Partial<Record<RecordKind, number>> = {}
  for (const { kind } of records) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
