import type pg from "pg"
import { openCopy } from "./copy-stream.server.ts"
import type { PlainItem } from "./event.ts"
import { type ImportOptions, type ImportResult, type ImportStage, importFile } from "./import-file.server.ts"
import { ITEM_COLUMNS, parseItemRow, REQUIRED_ITEM_COLUMNS } from "./item-row.ts"

/**
 * Imports a file of items (.csv, .jsonl, .parquet) as products. Of rows that name the same item the last one stands;
 * what a row does not give stays as the shop has it.
 * @throws AppError `bad_file`, `too_many`; then nothing of the file is kept.
 */
export async function importItems(
  shopId: number,
  path: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const format = {
    kind: "items" as const,
    columns: ITEM_COLUMNS,
    required: REQUIRED_ITEM_COLUMNS,
    parse: parseItemRow,
  }
  return importFile(shopId, path, options, format, (client) => stageItems(client, shopId))
}

async function stageItems(client: pg.PoolClient, shopId: number): Promise<ImportStage<PlainItem>> {
  await client.query(
    `CREATE TEMP TABLE staged_items (line int, price_cents int, available boolean, external_id text, title text,
       description text, category text, brand text, currency bpchar, image_url text) ON COMMIT DROP`,
  )
  const stream = openCopy(client, "pg_temp.staged_items")
  const copy = stream.rows
  let line = 0
  return {
    add(item) {
      copy.row(10)
      copy.int32(++line)
      copy.int32(item.priceCents)
      if (item.available === undefined) copy.none()
      else copy.bool(item.available)
      copy.text(item.item)
      copy.text(item.title)
      copy.text(item.description)
      copy.text(item.category)
      copy.text(item.brand)
      copy.latin1(item.currency)
      copy.text(item.image)
    },
    flush: stream.flush,
    abort: stream.abort,
    async merge() {
      await stream.end()
      return mergeItems(client, shopId)
    },
  }
}

/** Each item once, with the last value given for each field. */
const ITEMS = `(SELECT DISTINCT ON (external_id) * FROM pg_temp.staged_items ORDER BY external_id, line DESC) i`

/** Changed ones first, then new ones: an upsert would use up a product number for every row that is there already. */
async function mergeItems(client: pg.PoolClient, shopId: number): Promise<number> {
  await client.query("ANALYZE pg_temp.staged_items")
  const changed = await client.query(
    `UPDATE products p SET title = g.title, description = g.description, category = g.category, brand = g.brand,
       price_cents = g.price_cents, currency = g.currency, image_url = g.image_url, available = g.available,
       updated_at = now()
     FROM (
       SELECT p.product_id, i.title, coalesce(i.description, p.description) AS description,
         coalesce(i.category, p.category) AS category, coalesce(i.brand, p.brand) AS brand,
         coalesce(i.price_cents, p.price_cents) AS price_cents, coalesce(i.currency, p.currency) AS currency,
         coalesce(i.image_url, p.image_url) AS image_url, coalesce(i.available, p.available) AS available
       FROM ${ITEMS} JOIN products p ON p.shop_id = $1 AND p.external_id = i.external_id
     ) g
     WHERE p.shop_id = $1 AND p.product_id = g.product_id
       AND (p.title, p.description, p.category, p.brand, p.price_cents, p.currency, p.image_url, p.available)
         IS DISTINCT FROM
         (g.title, g.description, g.category, g.brand, g.price_cents, g.currency, g.image_url, g.available)`,
    [shopId],
  )
  const added = await client.query(
    `INSERT INTO products (shop_id, external_id, title, description, category, brand, price_cents, currency, image_url,
       available)
     SELECT $1::int, i.external_id, i.title, coalesce(i.description, ''), coalesce(i.category, ''), coalesce(i.brand, ''),
       i.price_cents, i.currency, i.image_url, coalesce(i.available, true)
     FROM ${ITEMS} WHERE NOT EXISTS (SELECT FROM products p WHERE p.shop_id = $1 AND p.external_id = i.external_id)
     ORDER BY i.line
     ON CONFLICT DO NOTHING`,
    [shopId],
  )
  return (changed.rowCount ?? 0) + (added.rowCount ?? 0)
}
