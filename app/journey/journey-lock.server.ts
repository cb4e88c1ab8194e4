import type pg from "pg"
import { withShopSql } from "../db.server.ts"

/** Namespace of the advisory lock: an arbitrary number, the same in every process. */
const JOURNEY_LOCK = 0x6a6f7572

const TRIES = 5
/** deadlock_detected, serialization_failure: the transaction did nothing and may be tried again. */
const TRY_AGAIN = new Set(["40P01", "40001"])

/**
 * Runs `work` in a transaction of the shop while no other journey update of this shop runs, in any process: a second
 * one waits for its turn. Captures lock shopper rows in their own order, so PostgreSQL may end one of two that wait
 * for each other; then the work is done again.
 */
export async function withJourneyLock<T>(
  shopId: number,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await withShopSql(shopId, async (client) => {
        await client.query("SELECT pg_advisory_xact_lock($1, $2)", [JOURNEY_LOCK, shopId])
        return work(client)
      })
    } catch (error) {
      const code = (error as { code?: unknown }).code
      if (tries >= TRIES || typeof code !== "string" || !TRY_AGAIN.has(code)) throw error
    }
  }
}
