import type { Bed } from "./bed.ts"

/** Names of all tables that hold shops' rows, partitions by their parents. */
export async function shopTables(bed: Bed): Promise<string[]> {
  const { rows } = await bed.pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shop_id'
     WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

/** A digest of all rows of a shop in each table. */
export async function shopDigests(bed: Bed, shopId: number): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  for (const name of await shopTables(bed)) {
    const { rows } = await bed.pool.query<{ digest: string }>(
      `SELECT count(*) || ' rows, ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest
       FROM ${name} t WHERE shop_id = $1`,
      [shopId],
    )
    digests.set(name, rows[0]?.digest ?? "")
  }
  return digests
}
