/** The shop's own list of one kind against what we hold of it. */
import type pg from "pg"
import { withShopSql } from "../../db.server.ts"
import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"
import { applyChanges } from "../shopify/apply-changes.server.ts"
import type { RecordChange, RecordKind } from "../shopify/record.ts"
import { readResult } from "./bulk-result.server.ts"
import { changesOfGroup } from "./group-changes.ts"
import { heldIds } from "./held-ids.server.ts"
import { withKnownProducts } from "./known-products.server.ts"
import type { Counts, KindCounts, ReconciledKind } from "./reconcile-run.server.ts"

const BATCH = 600

/** By which part of the history each kind is read. */
export const HISTORY_OF = {
  product: "history_products",
  inventory_level: "history_inventory",
  collection: "history_collections",
  customer: "history_customers",
  order: "history_orders",
} as const

type Result = { kind: ReconciledKind; url: string | null; startedAtMs: number; ordersSince: Date }

/** Applies what the shop told and takes away what it did not. Ids of one kind are held in memory, and no more. */
export async function compareResult(shopId: number, keys: ShopKeys, result: Result): Promise<Counts> {
  const counts: Counts = {}
  const told = new Set<string>()
  let changes: RecordChange[] = []
  let unread = 0
  const flush = async () => {
    for (const change of changes) if (change.kind === result.kind) told.add(change.id)
    await applyCounted(shopId, keys, changes, counts)
    changes = []
  }
  if (result.url !== null)
    for await (const { node, children, damaged } of readResult(result.url, 0)) {
      const group = damaged
        ? "bad_node"
        : changesOfGroup(HISTORY_OF[result.kind], node, children, {
            atMs: result.startedAtMs,
          })
      if (group === "bad_node") unread++
      else changes.push(...group)
      if (changes.length >= BATCH) await flush()
    }
  await flush()
  // What could not be read may well be there.
  if (unread === 0) await takeAway(shopId, keys, result, told, counts)
  return counts
}

async function applyCounted(
  shopId: number,
  keys: ShopKeys,
  changes: readonly RecordChange[],
  counts: Counts,
): Promise<void> {
  if (changes.length === 0) return
  const receivedAt = new Date()
  await withShopSql(shopId, async (client) => {
    const missing = await countMissing(client, shopId, keys, changes)
    const known = await withKnownProducts(client, shopId, changes)
    const { changed } = await applyChanges(client, shopId, keys, known, { receivedAt, source: "reconcile" })
    for (const change of changes) if (!change.wanted) countsOf(counts, change.kind).checked++
    for (const [kind, fresh] of missing) countsOf(counts, kind).missing += fresh
    for (const [kind, count] of Object.entries(changed) as [RecordKind, number][])
      countsOf(counts, kind).stale += Math.max(0, count - (missing.get(kind) ?? 0))
  })
}

function countsOf(counts: Counts, kind: RecordKind): KindCounts {
  counts[kind] ??= { checked: 0, missing: 0, stale: 0, gone: 0 }
  return counts[kind]
}

/** How many of the records are not held yet, by kind. */
async function countMissing(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  changes: readonly RecordChange[],
): Promise<Map<RecordKind, number>> {
  const asked = new Map(
    changes.map(({ kind, id }) => [`${kind} ${id}`, { kind, key: recordKey(keys, kind, id) }]),
  )
  const rows = [...asked.values()]
  const { rows: missing } = await client.query<{ kind: RecordKind; count: number }>(
    `SELECT g.kind, count(*)::int AS count FROM unnest($2::text[], $3::text[]) AS g (kind, key)
     WHERE NOT EXISTS (SELECT FROM shop_records r WHERE r.shop_id = $1 AND r.kind = g.kind AND r.record_key = g.key)
     GROUP BY g.kind`,
    [shopId, rows.map(({ kind }) => kind), rows.map(({ key }) => key)],
  )
  return new Map(missing.map(({ kind, count }) => [kind, count]))
}

/** Ids that name a person lie as keyed hashes. */
function recordKey(keys: ShopKeys, kind: RecordKind, id: string): string {
  return kind === "customer" || kind === "marketing_consent" ? blindIndex(keys, kind, id).toString("hex") : id
}

async function takeAway(
  shopId: number,
  keys: ShopKeys,
  { kind, startedAtMs, ordersSince }: Result,
  told: ReadonlySet<string>,
  counts: Counts,
): Promise<void> {
  for await (const held of heldIds(shopId, keys, kind, new Date(startedAtMs), ordersSince)) {
    const gone = held.filter((id) => !told.has(id))
    if (gone.length === 0) continue
    const changes = gone.map((id) => absence(kind, id, startedAtMs))
    await withShopSql(shopId, async (client) => {
      const { changed } = await applyChanges(client, shopId, keys, changes, {
        receivedAt: new Date(),
        source: "reconcile",
      })
      countsOf(counts, kind).gone += changed[kind] ?? 0
    })
  }
}

function absence(kind: ReconciledKind, id: string, versionMs: number): RecordChange {
  switch (kind) {
    case "product":
    case "collection":
    case "order":
      return { kind, id, versionMs, deleted: true, fields: {} }
    case "customer":
      return { kind, id, customerId: id, versionMs, deleted: true, fields: {} }
    case "inventory_level":
      // No stock is held there. It can be connected again, so it is not deleted.
      return { kind, id, parentId: id.split(":")[0] ?? id, versionMs, fields: { available: null } }
    default:
      return kind satisfies never
  }
}
