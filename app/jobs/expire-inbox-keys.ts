import { withShopSql } from "../db.server.ts"

/** Keys are destroyed within 30 days of processing; a day's key seals deliveries of that day alone. */
const KEEP_DAYS = 29

/**
 * Destroys the keys of old days, and with them what their deliveries said, in backups too. A delivery that could not
 * be processed in all that time is given up.
 */
export async function expireInboxKeys(shopId: number, asOf: Date): Promise<void> {
  const oldestKept = new Date(asOf.getTime() - KEEP_DAYS * 86_400_000).toISOString().slice(0, 10)
  await withShopSql(shopId, async (client) => {
    await client.query(
      `UPDATE inbox SET body = NULL, state = CASE state WHEN 'pending' THEN 'dead' ELSE state END,
         reason = CASE state WHEN 'pending' THEN 'expired' ELSE reason END
       WHERE key_day < $1 AND (body IS NOT NULL OR state = 'pending')`,
      [oldestKept],
    )
    await client.query("DELETE FROM vault.inbox_keys WHERE day < $1", [oldestKept])
  })
}
