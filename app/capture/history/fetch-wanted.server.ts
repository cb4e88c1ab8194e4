/** Asks the shop for the whole of what came in part. */
import type pg from "pg"
import { withShopSql } from "../../db.server.ts"
import { shopKeys } from "../../shop/keys.server.ts"
import type { ShopAdmin } from "../../shopify-ask.server.ts"
import { applyChanges } from "../shopify/apply-changes.server.ts"
import type { RecordChange } from "../shopify/record.ts"
import { ASKED_KINDS, type AskedKind, fetchNodes } from "./fetch-nodes.server.ts"
import { withKnownProducts } from "./known-products.server.ts"

/** Records asked for by one round: the job comes again for the rest. */
const A_ROUND = 400

/**
 * @param stopAtMs when to leave the rest to the next round
 * @returns how many records were settled; 0 where nothing is wanted
 * @throws AppError `unavailable`
 */
export async function fetchWanted(shopId: number, admin: ShopAdmin, stopAtMs: number): Promise<number> {
  let settled = 0
  for (const kind of ASKED_KINDS) {
    const wanted = await readWanted(shopId, kind)
    for await (const { changes, absent } of fetchNodes(admin, kind, [...wanted.keys()])) {
      await settle(shopId, kind, wanted, changes, absent)
      settled += changes.filter((change) => change.kind === kind).length + absent.length
      if (Date.now() >= stopAtMs) return settled
    }
  }
  return settled
}

async function readWanted(shopId: number, kind: AskedKind): Promise<Map<string, number>> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ record_key: string; wanted_at: Date }>(
      `SELECT record_key, wanted_at FROM shop_records
       WHERE shop_id = $1 AND kind = $2 AND wanted_at IS NOT NULL ORDER BY wanted_at LIMIT $3`,
      [shopId, kind, A_ROUND],
    ),
  )
  return new Map(rows.map((row) => [row.record_key, row.wanted_at.getTime()]))
}

async function settle(
  shopId: number,
  kind: AskedKind,
  wanted: ReadonlyMap<string, number>,
  changes: readonly RecordChange[],
  absent: readonly string[],
): Promise<void> {
  const keys = await shopKeys(shopId)
  const receivedAt = new Date()
  // What we have just seen is as new as what it was wanted for, whatever second its `updatedAt` names.
  const settling = changes.map((change) =>
    change.kind === kind && !change.wanted
      ? { ...change, versionMs: Math.max(change.versionMs, wanted.get(change.id) ?? 0) }
      : change,
  )
  await withShopSql(shopId, async (client) => {
    await applyChanges(client, shopId, keys, await withKnownProducts(client, shopId, settling), {
      receivedAt,
      source: "reconcile",
    })
    await giveUp(client, shopId, kind, absent)
  })
}

/** Nobody can ask for what the shop has no more, or does not show (orders older than the app may read). */
async function giveUp(
  client: pg.PoolClient,
  shopId: number,
  kind: AskedKind,
  absent: readonly string[],
): Promise<void> {
  if (absent.length === 0) return
  await client.query(
    "UPDATE shop_records SET wanted_at = NULL WHERE shop_id = $1 AND kind = $2 AND record_key = ANY ($3)",
    [shopId, kind, absent],
  )
}
