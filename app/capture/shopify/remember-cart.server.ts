import type pg from "pg"
import { blindIndex, type ShopKeys } from "../../shop/keys.server.ts"
import type { NameKind } from "../name-kind.ts"
import { cartLink } from "./cart-link.server.ts"

/**
 * Notes that a shopper was met with a cart: who orders it is the same person. The shopper is marked, since a link alone
 * can join them. A shopper who is not known has done nothing that counts, and is not made for this.
 */
export async function rememberCart(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  { names, shopper }: { names: NameKind; shopper: string },
  token: string,
): Promise<void> {
  await client.query(
    `WITH linked AS (
       INSERT INTO shopper_links (shop_id, link, shopper_id)
       SELECT $1::int, $2::uuid, shopper_id FROM shopper_identities
       WHERE shop_id = $1 AND kind = $3 AND blind = $4
       ON CONFLICT DO NOTHING RETURNING shopper_id
     )
     INSERT INTO dirty_shoppers (shop_id, shopper_id, since) SELECT $1::int, shopper_id, now() FROM linked
     ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = least(dirty_shoppers.since, excluded.since)`,
    [shopId, cartLink(keys, token), names, blindIndex(keys, names, shopper)],
  )
}
