import { withShopSql } from "../db.server.ts"

/** How often each job of a shop is due, and whether it goes on after the app has left the shop. */
export type Timetable = Record<string, { everyMs: number; afterUninstall?: true }>

/** What is left to do for a shop that the app has left. */
export function afterUninstall(timetable: Timetable): Timetable {
  return Object.fromEntries(Object.entries(timetable).filter(([, job]) => job.afterUninstall))
}

/** Brings a shop's rows in line with the timetable: new jobs are due at once, dropped ones go, periods are adjusted. */
export async function reconcileSchedules(shopId: number, timetable: Timetable): Promise<void> {
  const jobs = Object.keys(timetable)
  const periods = Object.values(timetable).map(({ everyMs }) => everyMs)
  await withShopSql(shopId, async (client) => {
    await client.query("DELETE FROM schedules WHERE job <> ALL ($1)", [jobs])
    await client.query(
      `INSERT INTO schedules (shop_id, job, every_ms, next_run_at)
       SELECT $1, job, every_ms, now() FROM unnest($2::text[], $3::int[]) AS t (job, every_ms)
       ON CONFLICT (shop_id, job) DO UPDATE SET every_ms = excluded.every_ms,
         next_run_at = least(schedules.next_run_at, now() + excluded.every_ms * interval '1 millisecond')
       WHERE schedules.every_ms <> excluded.every_ms`,
      [shopId, jobs, periods],
    )
  })
}

/**
 * A job that was given to the queue is given again after this, unless it has ended or says that it still runs: so a
 * lost queue or a killed worker delays it by no more.
 */
const LEASE_MS = 12_000
export const KEEP_LEASE_EVERY_MS = 3_000

/** A job that failed for good in the queue is tried again after this, or after its period where that is shorter. */
const AFTER_FAILURE_MS = 15 * 60_000

/**
 * Takes the jobs that are due, for the time of a lease; of several workers one alone gets each.
 * `waitMs` is how long until the next one of this shop is due.
 */
export async function claimDueJobs(shopId: number): Promise<{ due: string[]; waitMs: number }> {
  return withShopSql(shopId, async (client) => {
    const claimed = await client.query<{ job: string }>(
      `WITH due AS (SELECT job FROM schedules WHERE next_run_at <= now() FOR UPDATE SKIP LOCKED)
       UPDATE schedules s SET next_run_at = now() + $1 * interval '1 millisecond'
       FROM due WHERE s.job = due.job RETURNING s.job`,
      [LEASE_MS],
    )
    const next = await client.query<{ wait_ms: number | null }>(
      "SELECT (extract(epoch FROM min(next_run_at) - now()) * 1000)::float AS wait_ms FROM schedules",
    )
    return { due: claimed.rows.map(({ job }) => job), waitMs: Math.max(0, next.rows[0]?.wait_ms ?? 0) }
  })
}

/** Says that the job still runs. */
export async function keepLease(shopId: number, job: string): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query(
      "UPDATE schedules SET next_run_at = greatest(next_run_at, now() + $2 * interval '1 millisecond') WHERE job = $1",
      [job, LEASE_MS],
    ),
  )
}

/**
 * @param error name of what went wrong, null when it ended well
 * @param again whether it is due again at once
 */
export async function recordRun(
  shopId: number,
  job: string,
  error: string | null,
  again = false,
): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query(
      `UPDATE schedules SET last_run_at = now(), last_error = $2, next_run_at =
         now() + CASE WHEN $4 THEN 0 WHEN $2::text IS NULL THEN every_ms ELSE least(every_ms, $3) END
           * interval '1 millisecond'
       WHERE job = $1`,
      [job, error, AFTER_FAILURE_MS, again],
    ),
  )
}

/** Makes jobs due now, whatever their period. */
export async function makeDue(shopId: number, jobs: readonly string[]): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query("UPDATE schedules SET next_run_at = now() WHERE shop_id = $1 AND job = ANY ($2)", [
      shopId,
      jobs,
    ]),
  )
}
