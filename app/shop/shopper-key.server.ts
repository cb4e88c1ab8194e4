import type pg from "pg"
import { newShopperKey, type ShopKeys, unwrapShopperKey } from "./keys.server.ts"

/** The shopper's own key, made where there is none. Only for a shopper who is there: an erased one has none again. */
export async function shopperKey(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  shopperId: string,
): Promise<Buffer> {
  const id = BigInt(shopperId)
  await client.query(
    `INSERT INTO vault.shopper_keys (shop_id, shopper_id, wrapped)
     SELECT shop_id, shopper_id, $3 FROM shoppers WHERE shop_id = $1 AND shopper_id = $2
     ON CONFLICT DO NOTHING`,
    [shopId, shopperId, newShopperKey(keys, shopId, id).wrapped],
  )
  const stored = await shopperKeys(client, shopId, keys, [shopperId])
  const key = stored.get(shopperId)
  if (!key) throw new TypeError("A shopper who is there has no key.")
  return key
}

/** Keys of those of these shoppers who have one. */
export async function shopperKeys(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  shopperIds: readonly string[],
): Promise<Map<string, Buffer>> {
  const { rows } = await client.query<{ shopper_id: string; wrapped: Buffer }>(
    "SELECT shopper_id, wrapped FROM vault.shopper_keys WHERE shop_id = $1 AND shopper_id = ANY ($2::bigint[])",
    [shopId, shopperIds],
  )
  return new Map(
    rows.map(({ shopper_id, wrapped }) => [
      shopper_id,
      unwrapShopperKey(keys, shopId, BigInt(shopper_id), wrapped),
    ]),
  )
}
