import { readdirSync } from "node:fs"
import { join } from "node:path"
import { databasePool } from "./db.server.ts"
import { shopsBehindLedger } from "./shop/ledger-readiness.server.ts"

/** What keeps this process from serving. */
export type Readiness =
  | { ready: true }
  | { ready: false; reason: "draining" | "database" | "migrations" | "redactions" }

let draining = false

/** From now on `readiness` says no, so that a balancer sends its requests elsewhere. */
export function startDraining(): void {
  draining = true
}

export const isDraining = (): boolean => draining

const PROBE_TIMEOUT_MS = 2_000

/**
 * Ready when the database answers, holds every migration that this version knows, and nobody is in its data who was
 * erased (an older backup that came back).
 */
export async function readiness(): Promise<Readiness> {
  if (draining) return { ready: false, reason: "draining" }
  const applied = await appliedMigrations()
  if (!applied) return { ready: false, reason: "database" }
  if (!knownMigrations().every((name) => applied.has(name))) return { ready: false, reason: "migrations" }
  const behind = await withinTime(shopsBehindLedger())
  if (behind === null) return { ready: false, reason: "database" }
  return behind === 0 ? { ready: true } : { ready: false, reason: "redactions" }
}

const NO_SUCH_TABLE = "42P01"

/** Names of the migrations that are done; null when the database does not answer in time. */
async function appliedMigrations(): Promise<Set<string> | null> {
  const query = databasePool()
    .query<{ name: string }>(
      "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
    )
    .then(
      ({ rows }) => new Set(rows.map((row) => row.name)),
      (error: { code?: string }) => (error.code === NO_SUCH_TABLE ? new Set<string>() : null),
    )
  return withinTime(query)
}

/** Null where there is no answer in time, or an error. */
async function withinTime<T>(asked: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<null>((settle) => {
    timer = setTimeout(settle, PROBE_TIMEOUT_MS, null)
  })
  const answer = await Promise.race([asked.catch(() => null), timeout])
  clearTimeout(timer)
  return answer
}

let known: string[] | undefined

function knownMigrations(): string[] {
  known ??= readdirSync(join(import.meta.dirname, "..", "prisma", "migrations"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  return known
}
