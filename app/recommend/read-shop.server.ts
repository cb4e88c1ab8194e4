import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { log } from "../log.server.ts"
import { readBaselines } from "../scoring/baselines.server.ts"

/** Changes whenever a product, a setting, the baselines or the live model do. */
export async function readStamp(client: pg.PoolClient, shopId: number): Promise<string> {
  const { rows } = await client.query<{ stamp: string }>(
    `SELECT concat_ws('|',
       (SELECT concat_ws(',', count(*), max(updated_at), count(*) FILTER (WHERE available),
          count(*) FILTER (WHERE excluded), max(product_id)) FROM products WHERE shop_id = $1),
       (SELECT md5(settings::text) FROM shops WHERE shop_id = $1),
       (SELECT max(as_of) FROM product_baselines WHERE shop_id = $1),
       (SELECT string_agg(model_id::text, ',' ORDER BY model_id) FROM models WHERE shop_id = $1 AND state = 'live')) AS stamp`,
    [shopId],
  )
  return rows[0]?.stamp ?? ""
}

type ProductRow = {
  product_id: number
  external_id: string
  title: string
  description: string
  category: string
  brand: string
  price_cents: number | null
  currency: string | null
  image_url: string | null
  available: boolean
  consumable: boolean
  excluded: boolean
}

/** Everything that the shop's context is made of, as of one stamp. */
export async function readShop(shopId: number) {
  return withShopSql(shopId, async (client) => {
    // One snapshot, so that the stamp is that of the rows.
    const stamp = await readStamp(client, shopId)
    const settings = await client.query<{ settings: Record<string, unknown> }>(
      "SELECT settings FROM shops WHERE shop_id = $1",
      [shopId],
    )
    const { rows } = await client.query<ProductRow>(
      `SELECT product_id, external_id, title, description, category, brand, price_cents, currency, image_url, available,
         consumable, excluded
       FROM products WHERE shop_id = $1 ORDER BY product_id`,
      [shopId],
    )
    const rowByProduct = new Map(rows.map((row, index) => [row.product_id, index + 1]))
    const baselines = await readBaselines(client, shopId, rowByProduct, rows.length + 1)
    return { stamp, settings: settings.rows[0]?.settings ?? {}, rows, rowByProduct, baselines }
  })
}

/** A part of the settings; a wrong one counts as not set and is logged, so that it cannot stop serving. */
export function settingsPart<T>(
  shopId: number,
  schema: { safeParse: (value: unknown) => { success: true; data: T } | { success: false } },
  fallback: T,
  name: string,
  settings: Record<string, unknown>,
): T {
  const parsed = schema.safeParse(settings[name] ?? {})
  if (parsed.success) return parsed.data
  log.warn({ shopId, part: name }, "a shop's setting is not usable; its default holds")
  return fallback
}
