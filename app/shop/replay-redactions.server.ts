import type pg from "pg"
import { eraseShopRows } from "./erase-shop.server.ts"
import { removeShoppers } from "./erase-shoppers.server.ts"

/** Shoppers erased by one round of statements. */
const BATCH = 500

/**
 * Erases again who the ledger says was erased: after a restore of an older backup, and for what a transaction that
 * was under way left behind. Their keys are gone already; this takes what came back.
 * @param since only what was erased from then on
 * @returns how many people the ledger names
 */
export async function replayRedactions(client: pg.PoolClient, shopId: number, since?: Date): Promise<number> {
  const { rows: gone } = await client.query(
    "SELECT FROM vault.redactions WHERE shop_id = $1 AND kind = 'shop' LIMIT 1",
    [shopId],
  )
  if (gone.length > 0) {
    await eraseShopRows(client, shopId)
    return 0
  }
  const { rows } = await client.query<{ shopper_id: string }>(
    `SELECT DISTINCT shopper_id FROM vault.redactions
     WHERE shop_id = $1 AND kind = 'person' AND shopper_id IS NOT NULL AND ($2::timestamptz IS NULL OR at >= $2)
     ORDER BY shopper_id`,
    [shopId, since ?? null],
  )
  await removeInBatches(client, shopId, rows)
  if (since === undefined)
    await client.query(
      `UPDATE shops SET redactions_applied = (SELECT count(*) FROM vault.redactions WHERE shop_id = $1)
       WHERE shop_id = $1`,
      [shopId],
    )
  return rows.length
}

async function removeInBatches(
  client: pg.PoolClient,
  shopId: number,
  rows: readonly { shopper_id: string }[],
): Promise<void> {
  const shopperIds = rows.map((row) => row.shopper_id)
  for (let at = 0; at < shopperIds.length; at += BATCH)
    await removeShoppers(client, shopId, shopperIds.slice(at, at + BATCH))
}

const LEFT_IN = [
  "events",
  "shop_records",
  "shopper_identities",
  "shopper_links",
  "consents",
  "vault.shopper_keys",
]

/** Erases what a transaction that was under way wrote under a number that was erased since `since`. */
export async function eraseLeftovers(client: pg.PoolClient, shopId: number, since: Date): Promise<void> {
  const traces = LEFT_IN.map(
    (table) => `EXISTS (SELECT FROM ${table} t WHERE t.shop_id = $1 AND t.shopper_id = r.shopper_id)`,
  )
  const { rows } = await client.query<{ shopper_id: string }>(
    `SELECT DISTINCT r.shopper_id FROM vault.redactions r
     WHERE r.shop_id = $1 AND r.kind = 'person' AND r.at >= $2 AND (${traces.join(" OR ")})`,
    [shopId, since],
  )
  await removeInBatches(client, shopId, rows)
}
