import { withShopSql } from "../db.server.ts"

export type Replayed = {
  reason: string
  /** Pending again, as if they had just come. */
  replayed: number
  /** Their bodies were destroyed: reconciliation with the shop brings what they said. */
  gone: number
}

/** Gives deliveries that were given up another chance, all or those of one reason. Safe to repeat. */
export async function replayDead(shopId: number, reason: string | null = null): Promise<Replayed[]> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<Replayed>(
      `WITH dead AS (
         SELECT delivery_id, coalesce(reason, 'unknown') AS reason, body IS NOT NULL AS there FROM inbox
         WHERE shop_id = $1 AND state = 'dead' AND ($2::text IS NULL OR reason = $2) FOR UPDATE
       ), replayed AS (
         UPDATE inbox i SET state = 'pending', reason = NULL, attempts = 0, lost_workers = 0, next_attempt_at = now(),
           processed_at = NULL
         FROM dead WHERE dead.there AND i.shop_id = $1 AND i.delivery_id = dead.delivery_id
       )
       SELECT reason, count(*) FILTER (WHERE there)::int AS replayed, count(*) FILTER (WHERE NOT there)::int AS gone
       FROM dead GROUP BY reason ORDER BY reason`,
      [shopId, reason],
    )
    return rows
  })
}
