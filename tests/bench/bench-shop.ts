/**
 * A shop to measure on: 10,000 products and 500 shoppers of 50 events each, written by SQL, with the demo's model
 * (products it has never seen are scored by text and price, which costs the same).
 */
import { randomUUID } from "node:crypto"
import { databasePool, ensureShop, withShopSql } from "../../app/db.server.ts"
import { publishModel, registerModel } from "../../app/scoring/registry.server.ts"
import { blindIndex, shopKeys } from "../../app/shop/keys.server.ts"

export const BENCH_PRODUCTS = 10_000
export const BENCH_SHOPPERS = 500
export const BENCH_EVENTS_EACH = 50

export const benchDomain = "bench.myshopify.com"

/** Name of the n-th shopper's browser. */
export const browserName = (shopper: number): string => shopper.toString(16).padStart(32, "0")

export async function makeBenchShop(modelFolder: string): Promise<{ shopId: number; modelId: string }> {
  const shopId = await ensureShop(benchDomain)
  const keys = await shopKeys(shopId)
  await databasePool().query("SELECT ensure_event_partitions(now() - interval '90 days', now())")
  await withShopSql(shopId, async (client) => {
    await client.query(
      `INSERT INTO products (shop_id, external_id, title, description, category, brand, price_cents, currency)
       SELECT $1, 'p' || n, 'Product ' || n || ' of ' || (n % 37), 'A thing for ' || (n % 101), 'category ' || (n % 24),
         'brand ' || (n % 60), 500 + (n * 7919) % 20000, 'USD'
       FROM generate_series(1, $2::int) AS n`,
      [shopId, BENCH_PRODUCTS],
    )
    await client.query(
      `WITH made AS (
         INSERT INTO shoppers (shop_id) SELECT $1 FROM generate_series(1, $2::int) RETURNING shopper_id
       ), numbered AS (SELECT shopper_id, row_number() OVER (ORDER BY shopper_id) AS n FROM made)
       INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id)
       SELECT $1, 'browser', ($3::bytea[])[n], shopper_id FROM numbered`,
      [
        shopId,
        BENCH_SHOPPERS,
        Array.from({ length: BENCH_SHOPPERS }, (_, n) => blindIndex(keys, "browser", browserName(n))),
      ],
    )
    // Mostly views, a cart and a purchase now and then, over the last 80 days.
    await client.query(
      `INSERT INTO events (shop_id, at, event_key, received_at, shopper_id, type, product_id, price_cents, quantity)
       SELECT $1, t.at, gen_random_uuid(), t.at, t.shopper_id,
         CASE WHEN e % 17 = 0 THEN 17 WHEN e % 9 = 0 THEN 8 ELSE 6 END,
         (SELECT min(product_id) FROM products WHERE shop_id = $1) + ((t.shopper_id * 31 + e * 977) % ${BENCH_PRODUCTS})::int,
         NULL, CASE WHEN e % 17 = 0 THEN 1 END
       FROM (SELECT s.shopper_id, e, now() - ((81 - e * 80.0 / ${BENCH_EVENTS_EACH}) || ' days')::interval AS at
             FROM shoppers s CROSS JOIN generate_series(1, ${BENCH_EVENTS_EACH}) AS e WHERE s.shop_id = $1) t`,
      [shopId],
    )
    await client.query("UPDATE shops SET settings = $2 WHERE shop_id = $1", [
      shopId,
      JSON.stringify({ experiment: { holdoutShare: 0 } }),
    ])
  })
  const modelId = await registerModel(shopId, modelFolder)
  await publishModel(shopId, modelId)
  return { shopId, modelId }
}

export const newDatabaseName = (): string => `bench_${randomUUID().replaceAll("-", "").slice(0, 12)}`
