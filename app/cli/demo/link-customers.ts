/**
 * The demo's log calls a person by a name of its own, the shop by a customer number. That both are the same person is
 * declared here, as a shop does whose tracking knows its customers: by a second identity of the log's shopper.
 */
import { readFileSync } from "node:fs"
import { z } from "zod"
import { withShopSql } from "../../db.server.ts"
import { blindIndex, shopKeys } from "../../shop/keys.server.ts"

const named = z.array(z.object({ name: z.string(), id: z.string() }))

/** @returns the shop's number of each shopper whom the log names */
export async function linkCustomers(shopId: number, file: string): Promise<Map<string, string>> {
  const customers = named.parse(JSON.parse(readFileSync(file, "utf8")))
  const keys = await shopKeys(shopId)
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ shopper_id: string; id: string }>(
      `WITH linked AS (
         SELECT i.shopper_id, g.blind, g.id
         FROM unnest($2::bytea[], $3::bytea[], $4::text[]) AS g (source, blind, id)
         JOIN shopper_identities i ON i.shop_id = $1 AND i.kind = 'source' AND i.blind = g.source
       ), stored AS (
         INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id)
         SELECT $1, 'customer', blind, shopper_id FROM linked ORDER BY blind
         ON CONFLICT (shop_id, kind, blind) DO NOTHING
       )
       SELECT shopper_id, id FROM linked`,
      [
        shopId,
        customers.map(({ name }) => blindIndex(keys, "source", name)),
        customers.map(({ id }) => blindIndex(keys, "customer", id)),
        customers.map(({ id }) => id),
      ],
    ),
  )
  return new Map(rows.map((row) => [row.shopper_id, row.id]))
}
