/**
 * Who works on which delivery, and how one that kills its worker is told from one that fails.
 *
 * Before the work begins, and in a transaction of its own, a delivery is claimed: `lost_workers` goes up by one, and
 * it is not due again for the length of a lease. Whatever comes of the work takes that one away again: closing it, or
 * an error, which counts in `attempts` instead. What stays is the count of workers that ended with the delivery in
 * hand; after the third it is dead, and the others go on.
 *
 * The lease spans the moment between the claim and the work. The work itself holds a lock on the row for as long as
 * it lasts, and nobody claims a locked row: a slow worker is never taken for a lost one.
 *
 * Fresh deliveries are claimed many at a time. One that had a worker lost or failed before is claimed alone, so that
 * what happens next can be blamed on nothing else.
 */
import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { log } from "../log.server.ts"
import { addToCounter } from "./counters.server.ts"
import type { Door } from "./inbox.server.ts"

/** Shorter than a lost job's return (half of Bull's lock, or the lease in `schedules`), so that the job finds them due. */
const LEASE_MS = 2_500

const MAX_LOST_WORKERS = 3

/** Retries take about half a day in all: after 2 s, 4 s, … at most an hour apart. */
const MAX_ATTEMPTS = 20
const LONGEST_BACK_OFF_S = 3_600

export type Claimed = { deliveryId: bigint; door: Door }

/** What is ours now, and what was given up instead. */
export type Claim = { claimed: Claimed[]; dead: bigint[] }

/** The column keeps milliseconds, rounded: what came just now may be due half of one ahead of the clock. */
const DUE = "shop_id = $1 AND state = 'pending' AND next_attempt_at <= now() + interval '1 millisecond'"

/** Up to `limit` deliveries that nobody had in hand yet, the longest due first. */
export async function claimFresh(shopId: number, limit: number): Promise<Claim> {
  return claim(shopId, `${DUE} AND lost_workers = 0 AND attempts = 0`, limit)
}

/** The one that is due the longest of those that failed or lost their worker. */
export async function claimSuspect(shopId: number): Promise<Claim> {
  return claim(shopId, `${DUE} AND (lost_workers > 0 OR attempts > 0)`, 1)
}

export async function claimOne(shopId: number, deliveryId: bigint): Promise<Claim> {
  return claim(shopId, `${DUE} AND delivery_id = ${deliveryId}`, 1)
}

async function claim(shopId: number, which: string, limit: number): Promise<Claim> {
  return withShopSql(shopId, async (client) => {
    // Only a server that dies can lose this, and then no worker was lost.
    await client.query("SET LOCAL synchronous_commit = off")
    const { rows } = await client.query<{ delivery_id: string; door: Door; state: string }>(
      `WITH due AS (
         SELECT delivery_id FROM inbox WHERE ${which}
         ORDER BY next_attempt_at, delivery_id LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE inbox i SET
         state = CASE WHEN lost_workers >= $3 THEN 'dead' ELSE 'pending' END,
         reason = CASE WHEN lost_workers >= $3 THEN 'worker_lost' ELSE reason END,
         lost_workers = CASE WHEN lost_workers >= $3 THEN lost_workers ELSE lost_workers + 1 END,
         next_attempt_at = now() + $4 * interval '1 millisecond'
       FROM due WHERE i.shop_id = $1 AND i.delivery_id = due.delivery_id 
       RETURNING i.delivery_id, i.door, i.state`,
      [shopId, limit, MAX_LOST_WORKERS, LEASE_MS],
    )
    const dead = rows.filter(({ state }) => state === "dead").map((row) => BigInt(row.delivery_id))
    await reportDead(client, shopId, "worker_lost", dead.length)
    const claimed = rows
      .filter(({ state }) => state === "pending")
      .map((row) => ({ deliveryId: BigInt(row.delivery_id), door: row.door }))
    return { claimed, dead }
  })
}

/** Gives a claim back without a word about the deliveries: they are due at once. */
export async function giveBack(shopId: number, deliveryIds: readonly bigint[]): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query(
      `UPDATE inbox SET lost_workers = greatest(0, lost_workers - 1), next_attempt_at = now()
       WHERE shop_id = $1 AND delivery_id = ANY ($2) AND state = 'pending'`,
      [shopId, deliveryIds.map(String)],
    ),
  )
}

/** Counts a failure of a claimed delivery. @returns when it is due again, null where it is given up or was not there. */
export async function putOff(
  shopId: number,
  deliveryId: bigint,
  reason: string,
): Promise<{ state: "pending"; at: Date } | { state: "dead" } | null> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ state: "pending" | "dead"; at: Date }>(
      `UPDATE inbox SET attempts = attempts + 1, lost_workers = greatest(0, lost_workers - 1), reason = $3,
         state = CASE WHEN attempts + 1 >= $4 THEN 'dead' ELSE 'pending' END,
         next_attempt_at = now() + least($5, power(2, attempts + 1)) * interval '1 second'
       WHERE shop_id = $1 AND delivery_id = $2 AND state = 'pending' RETURNING state, next_attempt_at AS at`,
      [shopId, String(deliveryId), reason, MAX_ATTEMPTS, LONGEST_BACK_OFF_S],
    )
    const [row] = rows
    if (row?.state === "dead") await reportDead(client, shopId, reason, 1)
    return row ?? null
  })
}

/** A merchant sees the count in the admin; whoever runs the app sees the line. `npm run replay` tries them again. */
async function reportDead(client: pg.PoolClient, shopId: number, reason: string, count: number) {
  if (count === 0) return
  log.error({ shopId, reason, count }, "deliveries were given up")
  await addToCounter(client, shopId, `dead:${reason}`, count)
}
