/** What staged rows name → the shop's own numbers: TEMP tables `shopper_of`, `product_of` and `sealed_queries`. */
import { createSecretKey, type KeyObject } from "node:crypto"
import type pg from "pg"
import { type ShopKeys, seal, unwrapShopperKey } from "../shop/keys.server.ts"
import { openCopy } from "./copy-stream.server.ts"
import type { NameKind } from "./name-kind.ts"
import { passOverErased } from "./pass-over-erased.server.ts"
import { beginNames, queryPlace, sealNames, storeNames } from "./shopper-names.server.ts"
import type { Hidden, Staged } from "./stage-events.server.ts"

const NAMES_A_BATCH = 2_000

export type MergeShop = { shopId: number; keys: ShopKeys; kind: NameKind }

export async function resolveShoppers(client: pg.PoolClient, shop: MergeShop, hidden: Hidden): Promise<void> {
  const { shopId, keys, kind } = shop
  await client.query(
    `CREATE TEMP TABLE named_shoppers ON COMMIT DROP AS
     SELECT shopper_no, new_blind AS blind, new_name AS name FROM pg_temp.staged_events WHERE new_blind IS NOT NULL`,
  )
  await passOverErased(client, shop)
  await beginNames(client)
  await client.query(
    `DECLARE unsealed_names NO SCROLL CURSOR FOR
     SELECT nextval('shoppers_shopper_id_seq') AS shopper_id, * FROM (
       SELECT DISTINCT ON (blind) blind, shopper_no, name FROM pg_temp.named_shoppers n
       WHERE NOT EXISTS (SELECT FROM shopper_identities i WHERE i.shop_id = ${shopId} AND i.kind = '${kind}' AND i.blind = n.blind)
       ORDER BY blind) d`,
  )
  for (;;) {
    const { rows } = await client.query<{
      shopper_id: string
      shopper_no: number
      blind: Buffer
      name: Buffer
    }>(`FETCH ${NAMES_A_BATCH} FROM unsealed_names`)
    if (rows.length === 0) break
    const shoppers = rows.map((row) => ({
      shopperId: BigInt(row.shopper_id),
      blind: row.blind,
      name: hidden.show("name", row.shopper_no, row.name),
    }))
    await sealNames(client, shopId, keys, kind, shoppers)
  }
  await client.query("CLOSE unsealed_names")
  await storeNames(client, shopId, kind)
  await client.query(
    `CREATE TEMP TABLE shopper_of ON COMMIT DROP AS
     SELECT n.shopper_no, i.shopper_id FROM pg_temp.named_shoppers n
     JOIN shopper_identities i ON i.shop_id = ${shopId} AND i.kind = '${kind}' AND i.blind = n.blind`,
  )
  await client.query("ANALYZE pg_temp.shopper_of")
}

/** An item that no items file named becomes a product with its id for a title, so that an events file alone works. */
export async function resolveProducts(client: pg.PoolClient, shopId: number): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE named_items ON COMMIT DROP AS
     SELECT item_no, new_item AS item FROM pg_temp.staged_events WHERE new_item IS NOT NULL`,
  )
  await client.query(
    `INSERT INTO products (shop_id, external_id, title)
     SELECT DISTINCT $1::int, item, item FROM pg_temp.named_items n
     WHERE NOT EXISTS (SELECT FROM products p WHERE p.shop_id = $1 AND p.external_id = n.item)
     ORDER BY item ON CONFLICT DO NOTHING`,
    [shopId],
  )
  await client.query(
    `CREATE TEMP TABLE product_of ON COMMIT DROP AS
     SELECT n.item_no, p.product_id FROM pg_temp.named_items n
     JOIN products p ON p.shop_id = ${shopId} AND p.external_id = n.item`,
  )
  await client.query("ANALYZE pg_temp.product_of")
}

/** What was searched for, from the import's key to the shopper's own. */
export async function sealQueries(
  client: pg.PoolClient,
  { shopId, keys }: MergeShop,
  staged: Staged,
): Promise<void> {
  await client.query("CREATE TEMP TABLE sealed_queries (query_no int, sealed bytea) ON COMMIT DROP")
  if (staged.queries === 0) return
  await client.query(
    `DECLARE queries NO SCROLL CURSOR FOR
     SELECT s.query_no, s.query, k.shopper_id, k.wrapped FROM pg_temp.staged_events s
     JOIN pg_temp.shopper_of o USING (shopper_no)
     JOIN vault.shopper_keys k ON k.shop_id = ${shopId} AND k.shopper_id = o.shopper_id
     WHERE s.query IS NOT NULL ORDER BY k.shopper_id`,
  )
  let last: { shopperId: string; key: KeyObject } | undefined
  for (;;) {
    const { rows } = await client.query<{
      query_no: number
      query: Buffer
      shopper_id: string
      wrapped: Buffer
    }>(`FETCH ${NAMES_A_BATCH} FROM queries`)
    if (rows.length === 0) break
    const stream = openCopy(client, "pg_temp.sealed_queries (query_no, sealed)")
    for (const row of rows) {
      const shopperId = BigInt(row.shopper_id)
      if (last?.shopperId !== row.shopper_id)
        last = {
          shopperId: row.shopper_id,
          key: createSecretKey(unwrapShopperKey(keys, shopId, shopperId, row.wrapped)),
        }
      stream.rows.row(2)
      stream.rows.int32(row.query_no)
      const text = staged.hidden.show("query", row.query_no, row.query)
      stream.rows.blob(seal(last.key, text, queryPlace(shopId, shopperId)))
    }
    await stream.end()
  }
  await client.query("CLOSE queries")
  await client.query("ANALYZE pg_temp.sealed_queries")
}
