/**
 * Shoppers of the log whom the newcomer can be on the storefront. Shopify names a customer by a number in the signed
 * request. A shop has given its customers theirs; in a log alone these few get one as a second identity.
 */
import { withShopSql } from "../../db.server.ts"
import { blindIndex, shopKeys } from "../../shop/keys.server.ts"

export type DemoCustomer = { id: string; shopperId: bigint; label: string }

const SHOWN = 5
const FIRST_NUMBER = 1001

type Candidate = { shopper_id: string; products: number; orders: number }

/**
 * Lively known shoppers of the last days, the same ones at each run on the same log.
 * @param numbers the shop's own number of each shopper; without it they are numbered here
 */
export async function demoCustomers(
  shopId: number,
  numbers?: ReadonlyMap<string, string>,
): Promise<DemoCustomer[]> {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<Candidate>(
      `SELECT person.shopper_id, count(DISTINCT e.product_id)::int AS products,
              count(DISTINCT e.order_ref) FILTER (WHERE e.type = 17)::int AS orders
       FROM shoppers person
       JOIN shoppers browser ON browser.shop_id = $1
        AND (browser.shopper_id = person.shopper_id OR browser.merged_into = person.shopper_id)
       JOIN events e ON e.shop_id = $1 AND e.shopper_id = browser.shopper_id
       WHERE person.shop_id = $1 AND person.known AND NOT person.bot AND person.merged_into IS NULL
         AND ($2::bigint[] IS NULL OR person.shopper_id = ANY ($2))
         AND person.last_seen_at > (SELECT max(last_seen_at) FROM shoppers WHERE shop_id = $1) - interval '21 days'
       GROUP BY person.shopper_id
       HAVING count(DISTINCT e.product_id) >= 5
       ORDER BY abs(count(*) - 60), person.shopper_id LIMIT ${SHOWN}`,
      [shopId, numbers ? [...numbers.keys()] : null],
    )
    const customers = rows.map((row, index) => ({
      id: numbers?.get(row.shopper_id) ?? String(FIRST_NUMBER + index),
      shopperId: BigInt(row.shopper_id),
      label: `Customer ${FIRST_NUMBER + index}: ${row.products} products seen, ${row.orders} orders`,
    }))
    if (numbers) return customers
    for (const { id, shopperId } of customers)
      await client.query(
        `INSERT INTO shopper_identities (shop_id, kind, blind, shopper_id) VALUES ($1, 'customer', $2, $3)
         ON CONFLICT (shop_id, kind, blind) DO UPDATE SET shopper_id = EXCLUDED.shopper_id`,
        [shopId, blindIndex(keys, "customer", id), shopperId],
      )
    return customers
  })
}
