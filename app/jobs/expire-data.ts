import type pg from "pg"
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { withShopSql } from "../db.server.ts"
import { eraseShop } from "../shop/erase-shop.server.ts"
import { removeShoppers } from "../shop/erase-shoppers.server.ts"
import { replayRedactions } from "../shop/replay-redactions.server.ts"
import { DAY_MS, type Retained, retentionDays, retentionSettings } from "../shop/retention.ts"

/** Rows of one transaction: short enough not to stand in anyone's way. */
const BATCH = 5_000

/** Kept with the orders that they come from. */
const ORDER_CODES = [EVENT_TYPE_CODES.purchase, EVENT_TYPE_CODES.refund]

/**
 * Takes away what has been kept for its time (shop/retention.ts), in batches; one that is cut off goes on at the next
 * run. Also erases again, for the people erased of late, what a transaction that was under way then left behind.
 */
export async function expireData(shopId: number, asOf: Date): Promise<void> {
  const shop = await readShop(shopId)
  if (!shop) return
  const days = retentionDays(retentionSettings.parse(shop.retention))
  const before = (kind: Retained) => {
    const kept = days[kind]
    return kept === null ? null : new Date(asOf.getTime() - kept * DAY_MS)
  }
  const leftBefore = before("uninstalled")
  if (shop.uninstalledAt && leftBefore && shop.uninstalledAt < leftBefore) return eraseShop(shopId)

  await expireInboxKeys(shopId, before("inbox_bodies"))
  for (const { kind, statement } of EXPIRIES) {
    const until = before(kind)
    if (until) await inBatches(shopId, statement, until)
  }
  await expireAnonymous(shopId, before("anonymous"))
  await withShopSql(shopId, (client) =>
    replayRedactions(client, shopId, new Date(asOf.getTime() - 2 * DAY_MS)),
  )
}

async function readShop(shopId: number) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ retention: unknown; uninstalled_at: Date | null }>(
      `SELECT coalesce(settings->'retention', '{}') AS retention, uninstalled_at FROM shops WHERE shop_id = $1`,
      [shopId],
    ),
  )
  const [row] = rows
  return row && { retention: row.retention, uninstalledAt: row.uninstalled_at }
}

/**
 * Destroys the keys of old days, and with them what their deliveries said, in backups too. A delivery that could not
 * be processed in all that time is given up.
 */
async function expireInboxKeys(shopId: number, until: Date | null): Promise<void> {
  const oldestKept = until?.toISOString().slice(0, 10)
  await withShopSql(shopId, async (client) => {
    await client.query(
      `UPDATE inbox SET body = NULL, state = CASE state WHEN 'pending' THEN 'dead' ELSE state END,
         reason = CASE state WHEN 'pending' THEN 'expired' ELSE reason END
       WHERE shop_id = $1 AND key_day < $2 AND (body IS NOT NULL OR state = 'pending')`,
      [shopId, oldestKept],
    )
    await client.query("DELETE FROM vault.inbox_keys WHERE shop_id = $1 AND day < $2", [shopId, oldestKept])
  })
}

/** Each takes at most $3 rows of before $2 and says how many it took. */
const EXPIRIES: { kind: Retained; statement: string }[] = [
  {
    kind: "inbox_rows",
    statement: `WITH old AS (
        SELECT delivery_id FROM inbox WHERE shop_id = $1 AND state <> 'pending' AND received_at < $2 LIMIT $3
      )
      DELETE FROM inbox i USING old WHERE i.shop_id = $1 AND i.delivery_id = old.delivery_id`,
  },
  {
    kind: "browsing",
    // By the later of when it was and when it came: an archive that is imported is kept for its time too.
    statement: `WITH old AS (
        SELECT shopper_id, at, event_key FROM events
        WHERE shop_id = $1 AND at < $2 AND received_at < $2 AND type NOT IN (${ORDER_CODES.join(", ")}) LIMIT $3
      ), gone AS (
        DELETE FROM events e USING old
        WHERE e.shop_id = $1 AND e.shopper_id = old.shopper_id AND e.at = old.at AND e.at < $2 AND e.event_key = old.event_key
        RETURNING e.shopper_id
      ), marked AS (
        INSERT INTO dirty_shoppers AS d (shop_id, shopper_id, since)
        SELECT DISTINCT $1::int, shopper_id, 'epoch'::timestamptz FROM gone ORDER BY 2
        ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = excluded.since
      )
      SELECT FROM gone`,
  },
  {
    kind: "baskets",
    statement: `WITH old AS (
        SELECT kind, record_key FROM shop_records
        WHERE shop_id = $1 AND kind IN ('cart', 'checkout') AND version_at < $2 AND created_at < $2 LIMIT $3
      )
      DELETE FROM shop_records r USING old WHERE r.shop_id = $1 AND r.kind = old.kind AND r.record_key = old.record_key`,
  },
  {
    kind: "decisions",
    statement: `WITH old AS (SELECT decision_id FROM decisions WHERE shop_id = $1 AND at < $2 LIMIT $3),
      seen AS (DELETE FROM exposures x USING old WHERE x.shop_id = $1 AND x.decision_id = old.decision_id)
      DELETE FROM decisions d USING old WHERE d.shop_id = $1 AND d.decision_id = old.decision_id`,
  },
  {
    kind: "answers",
    statement: `WITH old AS (
        SELECT request_id FROM privacy_requests
        WHERE shop_id = $1 AND answer IS NOT NULL AND received_at < $2 LIMIT $3
      )
      UPDATE privacy_requests p SET answer = NULL, shopper_id = NULL FROM old
      WHERE p.shop_id = $1 AND p.request_id = old.request_id`,
  },
  {
    kind: "requests",
    statement: `WITH old AS (
        SELECT request_id FROM privacy_requests
        WHERE shop_id = $1 AND state <> 'pending' AND received_at < $2 LIMIT $3
      )
      DELETE FROM privacy_requests p USING old WHERE p.shop_id = $1 AND p.request_id = old.request_id`,
  },
  {
    kind: "access_log",
    statement: `WITH old AS (SELECT access_id FROM access_log WHERE shop_id = $1 AND at < $2 LIMIT $3)
      DELETE FROM access_log l USING old WHERE l.shop_id = $1 AND l.access_id = old.access_id`,
  },
]

async function inBatches(shopId: number, statement: string, until: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await withShopSql(shopId, (client) =>
      client.query(statement, [shopId, until, BATCH]),
    )
    if ((rowCount ?? 0) < BATCH) return
  }
}

/** Browsers that never gave a name and have nothing left: their keys and names go with them. */
async function expireAnonymous(shopId: number, until: Date | null): Promise<void> {
  if (until === null) return
  for (;;) {
    const taken = await withShopSql(shopId, async (client) => {
      const ids = await silentBrowsers(client, shopId, until)
      if (ids.length > 0) await removeShoppers(client, shopId, ids)
      return ids.length
    })
    if (taken < BATCH) return
  }
}

async function silentBrowsers(client: pg.PoolClient, shopId: number, until: Date): Promise<string[]> {
  const { rows } = await client.query<{ shopper_id: string }>(
    `SELECT s.shopper_id FROM shoppers s
     WHERE s.shop_id = $1 AND NOT s.known AND coalesce(s.last_seen_at, s.created_at) < $2 AND s.created_at < $2
       AND NOT EXISTS (SELECT FROM events e WHERE e.shop_id = $1 AND e.shopper_id = s.shopper_id)
       AND NOT EXISTS (SELECT FROM shop_records r WHERE r.shop_id = $1 AND r.shopper_id = s.shopper_id)
       AND NOT EXISTS (SELECT FROM shoppers m WHERE m.shop_id = $1 AND m.merged_into = s.shopper_id)
     LIMIT $3`,
    [shopId, until, BATCH],
  )
  return rows.map((row) => row.shopper_id)
}
