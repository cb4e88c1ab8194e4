import { expect, inject, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { asAdmin } from "../cli/prepare-database.ts"
import { databasePool, ensureShop, withShopSql } from "../db.server.ts"
import { eraseShop } from "./erase-shop.server.ts"

testDatabase()

type Column = { name: string; type: string }

/** A value for a column of any type, so that a row can be made in every table, also in those that come later. */
function valueFor({ name, type }: Column, shopId: number): string {
  if (name === "shop_id") return String(shopId)
  if (type.endsWith("[]")) return "'{}'"
  if (/^(smallint|integer|bigint|real|double)/.test(type)) return "1"
  if (/^(timestamp|date)/.test(type)) return "now()"
  if (/^json/.test(type)) return "'{}'"
  if (type === "uuid") return "gen_random_uuid()"
  if (type === "boolean") return "false"
  if (type === "bytea") return "'\\x01'"
  return "'x'"
}

async function tablesOfShops(): Promise<Map<string, Column[]>> {
  const url = new URL(inject("adminUrl"))
  url.pathname = new URL(process.env.DATABASE_URL ?? "").pathname
  const { rows } = await asAdmin(url.href, (admin) =>
    admin.query<{ table: string; columns: Column[] }>(`
      SELECT n.nspname || '.' || c.relname AS table,
        json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL)))
          FILTER (WHERE a.attnotnull AND NOT a.atthasdef OR a.attname = 'shop_id') AS columns
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'queue') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      GROUP BY 1 HAVING bool_or(a.attname = 'shop_id') ORDER BY 1`),
  )
  return new Map(rows.map(({ table, columns }) => [table, columns]))
}

test("erasing a shop leaves no row of it in any table but the ledger, and not one row less of another shop", async () => {
  await databasePool().query("SELECT ensure_event_partitions(now(), now())")
  const [gone, stays] = [await ensureShop("gone.myshopify.com"), await ensureShop("stays.myshopify.com")]
  const tables = await tablesOfShops()
  expect(tables.size).toBeGreaterThan(25)
  const count = async (shopId: number) => {
    const counts: Record<string, number> = {}
    for (const table of tables.keys()) {
      const { rows } = await withShopSql(shopId, (client) =>
        client.query(`SELECT count(*)::int AS n FROM ${table}`),
      )
      counts[table] = rows[0].n
    }
    return counts
  }
  for (const shopId of [gone, stays])
    for (const [table, columns] of tables) {
      if (table === "public.shops") continue
      const names = columns.map(({ name }) => `"${name}"`).join(", ")
      const values = columns.map((column) => valueFor(column, shopId)).join(", ")
      await withShopSql(shopId, (client) =>
        client.query(`INSERT INTO ${table} (${names}) VALUES (${values})`),
      )
    }
  await databasePool().query(
    "INSERT INTO shopify_sessions (id, shop, state, \"accessToken\") SELECT 'offline_' || shop, shop, '', 'sealed' FROM unnest(ARRAY['gone.myshopify.com', 'stays.myshopify.com']) AS shop",
  )
  for (const shopId of [gone, stays]) expect(Object.values(await count(shopId))).not.toContain(0)
  const before = await count(stays)

  await eraseShop(gone)
  await eraseShop(gone)

  const { "vault.redactions": ledger, ...left } = await count(gone)
  expect(Object.entries(left).filter(([, rows]) => rows > 0)).toEqual([])
  expect(ledger).toBe(2)
  expect(await count(stays)).toEqual(before)
  const { rows } = await databasePool().query("SELECT shop FROM shopify_sessions")
  expect(rows).toEqual([{ shop: "stays.myshopify.com" }])
})
