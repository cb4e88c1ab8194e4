/**
 * Products, their stock and the shop's currency → the rows that can be recommended. Rows of other sources (event
 * files) have names of their own and are left alone.
 */
import type pg from "pg"
import type { HeldRecords } from "./held-record.ts"
import type { RecordState } from "./merge-record.ts"
import { type ProductRow, productRow } from "./product-row.ts"
import { variantsOf } from "./variant-tracking.ts"

type Client = Pick<pg.PoolClient, "query">

/**
 * Kind of the rows of shop_records that say to which product an inventory item belongs. The shop does not tell it by
 * itself: it follows from products.
 */
export const INVENTORY_ITEM = "inventory_item"

/** Products of these inventory items, as ids. */
export async function productsOfItems(
  client: Client,
  shopId: number,
  items: readonly string[],
): Promise<string[]> {
  if (items.length === 0) return []
  const { rows } = await client.query<{ parent_key: string }>(
    `SELECT DISTINCT parent_key FROM shop_records WHERE shop_id = $1 AND kind = $2 AND record_key = ANY ($3::text[])`,
    [shopId, INVENTORY_ITEM, items],
  )
  return rows.map((row) => row.parent_key)
}

/** Brings the rows of the batch's products up to date. To be called when the records are written. */
export async function projectProducts(client: Client, shopId: number, records: HeldRecords): Promise<void> {
  const products = [...records.values()].filter(({ kind }) => kind === "product")
  if (products.length === 0) return
  await rememberItems(
    client,
    shopId,
    products.filter(({ before, after }) => before !== after),
  )
  const stock = await stockOfItems(
    client,
    shopId,
    products.flatMap(({ after }) => itemsOf(after)),
  )
  const rows = products.map(({ recordKey, after }) => ({
    ...productRow(recordKey, after, (item) => stock.get(item) ?? null),
    told: after.fields.size > 0,
  }))
  await writeProducts(client, shopId, rows)
}

function itemsOf(product: RecordState | null): string[] {
  if (product === null || product.deletedMs !== null) return []
  return variantsOf(product).flatMap(({ inventoryItemId }) => inventoryItemId ?? [])
}

async function rememberItems(
  client: Client,
  shopId: number,
  products: readonly { recordKey: string; before: RecordState | null; after: RecordState }[],
): Promise<void> {
  const gone: string[] = []
  const fresh: { item: string; product: string }[] = []
  for (const { recordKey, before, after } of products) {
    const [was, is] = [new Set(itemsOf(before)), new Set(itemsOf(after))]
    for (const item of was) if (!is.has(item)) gone.push(item)
    for (const item of is) if (!was.has(item)) fresh.push({ item, product: recordKey })
  }
  if (gone.length > 0)
    await client.query(
      "DELETE FROM shop_records WHERE shop_id = $1 AND kind = $2 AND record_key = ANY ($3::text[])",
      [shopId, INVENTORY_ITEM, gone],
    )
  if (fresh.length > 0)
    await client.query(
      `INSERT INTO shop_records (shop_id, kind, record_key, parent_key, version_at)
       SELECT $1::int, $2, item, product, 'epoch' FROM (
         SELECT DISTINCT ON (item) item, product FROM unnest($3::text[], $4::text[]) AS g (item, product)
         ORDER BY item, product) g
       ON CONFLICT (shop_id, kind, record_key) DO UPDATE SET parent_key = excluded.parent_key`,
      [shopId, INVENTORY_ITEM, fresh.map(({ item }) => item), fresh.map(({ product }) => product)],
    )
}

/** Units in stock over all locations; items without a known level are left out. */
async function stockOfItems(
  client: Client,
  shopId: number,
  items: readonly string[],
): Promise<Map<string, number>> {
  if (items.length === 0) return new Map()
  const { rows } = await client.query<{ item: string; stock: number }>(
    `SELECT parent_key AS item, sum((fields->>'available')::float8) AS stock FROM shop_records
     WHERE shop_id = $1 AND kind = 'inventory_level' AND parent_key = ANY ($2::text[]) AND NOT deleted
       AND fields->>'available' IS NOT NULL
     GROUP BY parent_key`,
    [shopId, items],
  )
  return new Map(rows.map((row) => [row.item, row.stock]))
}

/** Changed ones first, then new ones: an upsert would use up a product number for every row that is there already. */
async function writeProducts(
  client: Client,
  shopId: number,
  rows: readonly (ProductRow & { told: boolean })[],
): Promise<void> {
  const given = `SELECT g.*, s.currency FROM shops s,
    jsonb_to_recordset($2::jsonb) AS g (external_id text, title text, description text, category text, brand text,
      price_cents int, image_url text, available boolean, told boolean)
    WHERE s.shop_id = $1`
  await client.query(
    `UPDATE products p SET title = g.title, description = g.description, category = g.category, brand = g.brand,
       price_cents = g.price_cents, currency = g.currency, image_url = g.image_url, available = g.available,
       updated_at = now()
     FROM (${given}) g
     WHERE p.shop_id = $1 AND p.external_id = g.external_id
       AND (p.title, p.description, p.category, p.brand, p.price_cents, p.currency, p.image_url, p.available)
         IS DISTINCT FROM
         (g.title, g.description, g.category, g.brand, g.price_cents, g.currency, g.image_url, g.available)`,
    [shopId, JSON.stringify(rows)],
  )
  const told = rows.filter((row) => row.told)
  if (told.length > 0)
    await client.query(
      `INSERT INTO products (shop_id, external_id, title, description, category, brand, price_cents, currency, image_url,
         available)
       SELECT $1::int, g.external_id, g.title, g.description, g.category, g.brand, g.price_cents, g.currency, g.image_url,
         g.available
       FROM (${given}) g
       WHERE NOT EXISTS (SELECT FROM products p WHERE p.shop_id = $1 AND p.external_id = g.external_id)
       ORDER BY g.external_id ON CONFLICT DO NOTHING`,
      [shopId, JSON.stringify(told)],
    )
}
