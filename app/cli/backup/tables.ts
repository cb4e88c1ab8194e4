import type pg from "pg"

export type Table = {
  /** `schema.table`, plain names. */
  name: string
  columns: string[]
  /** It has `shop_id`, and row-level security by it. */
  ofShops: boolean
  /** Columns that a sequence numbers, with the sequence. */
  sequences: { column: string; sequence: string }[]
}

/** Prisma's own list: a backup says which migrations it had, and a restore finds them applied. */
const NOT_DATA = "_prisma_migrations"

/** The schema's tables as they are, so that a new one cannot be forgotten; a partition is part of its table. */
export async function tablesOf(
  client: Pick<pg.Client, "query">,
  schema: "public" | "vault",
): Promise<Table[]> {
  const { rows } = await client.query<{
    name: string
    columns: string[]
    of_shops: boolean
    sequences: { column: string; sequence: string }[] | null
  }>(
    `SELECT n.nspname || '.' || c.relname AS name,
       array_agg(a.attname::text ORDER BY a.attnum) AS columns, bool_or(a.attname = 'shop_id') AS of_shops,
       json_agg(json_build_object('column', a.attname, 'sequence', s.sequence)) FILTER (WHERE s.sequence IS NOT NULL) AS sequences
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN LATERAL (
       SELECT pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname) AS sequence
     ) s ON true
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> $2
     GROUP BY 1 ORDER BY 1`,
    [schema, NOT_DATA],
  )
  return rows.map((row) => ({
    name: row.name,
    columns: row.columns,
    ofShops: row.of_shops,
    sequences: row.sequences ?? [],
  }))
}
