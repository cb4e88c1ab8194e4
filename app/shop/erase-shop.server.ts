import type pg from "pg"
import { databasePool, withShopSql } from "../db.server.ts"
import { writeLedger } from "./redaction-ledger.server.ts"

/** Rows that say that a shop is to be erased; they go last, so that an erasure that was cut off goes on. */
const LAST = ["public.schedules", "public.privacy_requests", "public.shops"]

/** It stays: a restore of an older backup reads in it that this shop is gone. */
const LEDGER = "vault.redactions"

/**
 * Every table that holds rows of shops, read from the catalogue: a new one cannot be forgotten. Keys first: once they
 * are destroyed nothing personal can be read, here or in a backup, whatever comes in between.
 */
export async function tablesToErase(client: Pick<pg.PoolClient, "query">): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname || '.' || c.relname AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shop_id' AND NOT a.attisdropped
     WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY n.nspname = 'vault' DESC, 1`,
  )
  const names = rows.map((row) => row.name).filter((name) => name !== LEDGER && !LAST.includes(name))
  return [...names, ...LAST]
}

/**
 * Erases a shop: what its tables hold, its keys, its sessions with Shopify. The ledger keeps that it was. Safe to
 * repeat, and goes on where it was cut off; each table is a transaction of its own.
 */
export async function eraseShop(shopId: number): Promise<void> {
  const domain = await withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ domain: string }>("SELECT domain FROM shops WHERE shop_id = $1", [
      shopId,
    ])
    const { rowCount } = await client.query(
      "SELECT FROM vault.redactions WHERE shop_id = $1 AND kind = 'shop'",
      [shopId],
    )
    if (rows[0] && !rowCount)
      await writeLedger(client, shopId, [{ kind: "shop", shopperId: null, mark: null }])
    return rows[0]?.domain
  })
  if (domain !== undefined)
    await databasePool().query("DELETE FROM shopify_sessions WHERE shop = $1", [domain])
  const tables = await withShopSql(shopId, tablesToErase)
  for (const table of tables) await withShopSql(shopId, (client) => deleteRows(client, table, shopId))
}

/** The same inside one transaction, where a restore replays the ledger. */
export async function eraseShopRows(client: pg.PoolClient, shopId: number): Promise<void> {
  for (const table of await tablesToErase(client)) await deleteRows(client, table, shopId)
}

async function deleteRows(client: pg.PoolClient, table: string, shopId: number): Promise<void> {
  // The name comes from the catalogue, which holds plain names alone.
  await client.query(`DELETE FROM ${table} WHERE shop_id = $1`, [shopId])
}
