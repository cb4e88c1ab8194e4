/** Waits for the worker, by the rows that say how far it is. */
import { setTimeout as wait } from "node:timers/promises"
import type pg from "pg"

export type Waiting = { pool: pg.Pool; shopId: number; say: (text: string) => void }

const LOOK_EVERY_MS = 500
const LONGEST_MS = 30 * 60_000

export async function waitForHistory(waiting: Waiting): Promise<void> {
  await until(waiting, "the history", async ({ pool, shopId }) => {
    const { rows } = await pool.query<{
      kind: string
      state: string
      rows_read: string
      message: string | null
    }>(
      "SELECT kind, state, rows_read, message FROM import_runs WHERE shop_id = $1 AND kind LIKE 'history%' ORDER BY started_at",
      [shopId],
    )
    const failed = rows.find(({ state }) => state === "failed")
    if (failed) throw new Error(`${failed.kind} failed: ${failed.message}`)
    if (rows.length > 0 && rows.every(({ state }) => state === "done")) return null
    return rows.map(({ kind, rows_read }) => `${kind.replace("history_", "")} ${rows_read}`).join(", ")
  })
  await waitForWanted(waiting)
}

/** Until every delivery is worked off. */
export function waitForInbox(waiting: Waiting): Promise<void> {
  return until(waiting, "the inbox", async ({ pool, shopId }) => {
    const { rows } = await pool.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM inbox WHERE shop_id = $1 AND state = 'pending'",
      [shopId],
    )
    return rows[0]?.count === 0 ? null : `${rows[0]?.count} deliveries`
  })
}

/** Asks for a reconciliation and waits until it and what it wanted are done. @returns what it found, by kind */
export async function waitForReconcile(waiting: Waiting): Promise<string> {
  const { pool, shopId } = waiting
  const { rows: before } = await pool.query<{ at: Date }>("SELECT clock_timestamp() AS at")
  await pool.query("UPDATE schedules SET next_run_at = now() WHERE shop_id = $1 AND job = 'reconcile'", [
    shopId,
  ])
  let counts = ""
  await until(waiting, "the reconciliation", async () => {
    const { rows } = await pool.query<{ state: string; counts: Record<string, unknown> }>(
      "SELECT state, counts FROM reconcile_runs WHERE shop_id = $1 AND started_at >= $2 ORDER BY started_at DESC LIMIT 1",
      [shopId, before[0]?.at],
    )
    const [run] = rows
    if (!run || run.state === "running")
      return `${run?.state ?? "not begun"} ${JSON.stringify(run?.counts ?? {})}`
    counts = `${run.state} ${JSON.stringify(run.counts)}`
    return null
  })
  await waitForWanted(waiting)
  return counts
}

function waitForWanted(waiting: Waiting): Promise<void> {
  return until(waiting, "what was wanted", async ({ pool, shopId }) => {
    const { rows } = await pool.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM shop_records WHERE shop_id = $1 AND wanted_at IS NOT NULL",
      [shopId],
    )
    return rows[0]?.count === 0 ? null : `${rows[0]?.count} records`
  })
}

/** `look` gives null when it is done, else how far it is. */
async function until(
  waiting: Waiting,
  what: string,
  look: (waiting: Waiting) => Promise<string | null>,
): Promise<void> {
  const startedMs = performance.now()
  let saidMs = startedMs
  for (;;) {
    const left = await look(waiting)
    if (left === null) return
    const now = performance.now()
    if (now > startedMs + LONGEST_MS) throw new Error(`Waited half an hour for ${what}: ${left}`)
    if (now > saidMs + 15_000) {
      saidMs = now
      waiting.say(`waiting for ${what}: ${left}`)
    }
    await wait(LOOK_EVERY_MS)
  }
}
