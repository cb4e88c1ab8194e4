import type pg from "pg"
import { withShopSql } from "../../db.server.ts"
import { open, type ShopKeys, unwrapShopperKey } from "../../shop/keys.server.ts"
import { namePlace } from "../shopper-names.server.ts"
import type { ReconciledKind } from "./reconcile-run.server.ts"

const PAGE = 1_000

/**
 * Ids of the records that the shop's list must name: held, not deleted, and told of before the list was begun. Of
 * orders those that the list reaches back to.
 */
export async function* heldIds(
  shopId: number,
  keys: ShopKeys,
  kind: ReconciledKind,
  toldBefore: Date,
  ordersSince: Date,
): AsyncGenerator<string[]> {
  for (let after = ""; ; ) {
    const page = await withShopSql(shopId, async (client) => {
      const { rows } = await client.query<{ record_key: string }>(
        `SELECT record_key FROM shop_records
         WHERE shop_id = $1 AND kind = $2 AND record_key > $3 AND NOT deleted AND fields <> '{}' AND version_at < $4
           AND (kind <> 'inventory_level' OR fields->>'available' IS NOT NULL)
           AND (kind <> 'order' OR (version_at >= $5::timestamptz + interval '1 day'
             AND (fields->>'createdAtMs')::float8 >= extract(epoch FROM $5::timestamptz + interval '1 day') * 1000))
         ORDER BY record_key LIMIT ${PAGE}`,
        [shopId, kind, after, toldBefore, ordersSince],
      )
      const held = rows.map((row) => row.record_key)
      return {
        last: held.at(-1),
        ids: kind === "customer" ? await customerIds(client, shopId, keys, held) : held,
      }
    })
    if (page.last === undefined) return
    after = page.last
    yield page.ids
  }
}

/** Customers lie under keyed hashes of their numbers; the numbers are sealed beside them. */
async function customerIds(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  keys: ShopKeys,
  blinds: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ shopper_id: string; sealed: Buffer; wrapped: Buffer }>(
    `SELECT i.shopper_id, i.sealed, k.wrapped
     FROM shopper_identities i JOIN vault.shopper_keys k ON k.shop_id = i.shop_id AND k.shopper_id = i.shopper_id
     WHERE i.shop_id = $1 AND i.kind = 'customer' AND i.sealed IS NOT NULL
       AND i.blind = ANY (SELECT decode(b, 'hex') FROM unnest($2::text[]) AS b)`,
    [shopId, blinds],
  )
  return rows.map(({ shopper_id, sealed, wrapped }) => {
    const shopperId = BigInt(shopper_id)
    const key = unwrapShopperKey(keys, shopId, shopperId, wrapped)
    return open(key, sealed, namePlace(shopId, shopperId, "customer")).toString("utf8")
  })
}
