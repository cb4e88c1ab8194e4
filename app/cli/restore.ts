import { parseArgs } from "node:util"
import pg from "pg"
import { AppError } from "../errors.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { loadDump } from "./backup/load-dump.ts"
import { checkDump } from "./backup/read-dump.ts"
import { replayLedger } from "./backup/replay-ledger.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"

const HELP = `Brings a backup back.

  npm run restore -- FILE [--replace]
  npm run restore -- --replay

  FILE       made by npm run backup. The data replaces what is there (--replace, unless nothing is); a copy of the keys
             is added to the keys that are there, and brings nobody back who was erased.
  --replay   brings nothing back: erases again who the ledger says was erased, after the data came back by other means

Stop web and worker first. All of it is one transaction: whoever was erased since the backup is erased again before
anyone can read it. Back up the keys apart from the data, and restore the data first.
`

export type Restored = { holds: "data" | "keys"; rows: number; people: number; withoutKeys: number }

/**
 * Restores in one transaction of the owner, and replays the redaction ledger in it.
 * @throws AppError `bad_file`, `bad_request` where data is there and may not be replaced
 */
export async function restore(
  ownerUrl: string,
  file: string,
  options: { replace: boolean; onProgress?: (rows: number, total: number) => void },
): Promise<Restored> {
  const { head, foot } = await checkDump(file)
  const total = Object.values(foot.rows).reduce((sum, rows) => sum + rows, 0)
  const restored = await asOwner(ownerUrl, async (client) => {
    const rows = await loadDump(client, file, head, {
      replace: options.replace,
      onRows: (done) => options.onProgress?.(done, total),
    })
    return { rows, ...(await replayLedger(client)) }
  })
  await recount(restored.shopIds)
  const { rows, people, withoutKeys } = restored
  return { holds: head.holds, rows, people, withoutKeys }
}

/** Erases again who the ledger says was erased. @returns how many people it names */
export async function replay(ownerUrl: string): Promise<number> {
  const { people, shopIds } = await asOwner(ownerUrl, replayLedger)
  await recount(shopIds)
  return people
}

/** The visits of the erased leave the journey map. */
async function recount(shopIds: readonly number[]): Promise<void> {
  for (const shopId of shopIds) await updateJourneys(shopId, { asOf: new Date() })
}

async function asOwner<T>(ownerUrl: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1 })
  try {
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const result = await work(client)
      await client.query("COMMIT")
      return result
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined)
      throw error
    } finally {
      client.release()
    }
  } finally {
    await pool.end()
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      replace: { type: "boolean", default: false },
      replay: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  })
  const [file] = positionals
  if (values.help) return console.info(HELP)
  if (values.replay ? positionals.length > 0 : positionals.length !== 1)
    throw new AppError("bad_request", `Expected one FILE, or --replay alone.\n\n${HELP}`)
  const environment = await openLocalEnvironment()
  try {
    const ownerUrl = process.env.DATABASE_OWNER_URL
    if (!ownerUrl)
      throw new AppError(
        "bad_configuration",
        "Expected DATABASE_OWNER_URL, the PostgreSQL address of the role that owns the tables; it is not set.",
      )
    if (file === undefined) console.info(`Erased again: ${await replay(ownerUrl)} people of the ledger.`)
    else await restoreWithProgress(ownerUrl, file, values.replace)
  } finally {
    await environment.close()
  }
}

async function restoreWithProgress(ownerUrl: string, file: string, replace: boolean): Promise<void> {
  const bar = startProgress("Restore")
  const { holds, rows, people, withoutKeys } = await restore(ownerUrl, file, {
    replace,
    onProgress: (done, total) => bar.update(done, total),
  })
  bar.end(`${rows.toLocaleString("en")} rows`)
  console.info(`Erased again: ${people} people of the ledger.`)
  if (withoutKeys > 0)
    console.info(
      `${withoutKeys} shops have no key here, so nothing that is sealed opens. ${holds === "data" ? "Restore the copy of the keys too." : "This copy of the keys lacks theirs."}`,
    )
}

if (import.meta.main) await runCommand(main)
