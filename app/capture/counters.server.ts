import type pg from "pg"

/** Adds to a shop's count of a name for today (UTC), for the admin. */
export async function addToCounter(
  client: Pick<pg.PoolClient, "query">,
  shopId: number,
  name: string,
  count: number,
): Promise<void> {
  if (count === 0) return
  await client.query(
    `INSERT INTO counters (shop_id, name, day, count) VALUES ($1, $2, (now() AT TIME ZONE 'UTC')::date, $3)
     ON CONFLICT (shop_id, name, day) DO UPDATE SET count = counters.count + excluded.count`,
    [shopId, name, count],
  )
}
