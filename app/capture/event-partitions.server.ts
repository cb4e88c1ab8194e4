import type pg from "pg"
import { databasePool } from "../db.server.ts"

const ATTEMPTS = 20
const LOCK_NOT_AVAILABLE = "55P03"

/** The month of a time, counted from January of year 0. */
export function monthOf(atMs: number): number {
  const date = new Date(atMs)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/**
 * Makes the partitions that are missing for these months. In transactions of their own, before the events are
 * written: a new partition needs the whole table for a moment, and a long import must not hold that. For the same
 * reason it waits briefly and tries again, rather than stand in everyone's way behind somebody's long read.
 * @param client looks which are missing; one that has touched the events must not be given.
 */
export async function ensureEventPartitions(
  months: Iterable<number>,
  client: Pick<pg.PoolClient, "query"> = databasePool(),
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass('public.' || name) IS NULL ORDER BY name",
    [[...months].map((month) => `events_${monthName(month)}`)],
  )
  for (const { name } of rows) await ensureMonth(`${name.slice(7, 11)}-${name.slice(11)}-01T00:00:00Z`)
}

function monthName(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, "0")}${String((month % 12) + 1).padStart(2, "0")}`
}

async function ensureMonth(at: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = await databasePool().connect()
    try {
      await client.query("BEGIN; SET LOCAL lock_timeout = '500ms'")
      await client.query("SELECT ensure_event_partitions($1, $1)", [at])
      await client.query("COMMIT")
      return
    } catch (error) {
      await client.query("ROLLBACK")
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || attempt >= ATTEMPTS) throw error
    } finally {
      client.release()
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt))
  }
}
