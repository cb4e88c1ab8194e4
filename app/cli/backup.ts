import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { env } from "../env.server.ts"
import { AppError } from "../errors.ts"
import { writeDump } from "./backup/write-dump.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"

const HELP = `Writes a backup, as of one moment, while web and worker go on.

  npm run backup -- FILE          the data, without any key
  npm run backup -- FILE --keys   the keys and the ledger of who was erased

Keep the two apart, as many of the data as you like, and of the keys one recent copy that you overwrite: an old one
holds keys of people who were erased since. THROUGHLINE_KEYS is in neither; without it both are unreadable.
`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { keys: { type: "boolean", default: false }, help: { type: "boolean", short: "h" } },
  })
  const [file] = positionals
  if (values.help) return console.info(HELP)
  if (file === undefined || positionals.length > 1)
    throw new AppError("bad_request", `Expected one FILE.\n\n${HELP}`)
  const environment = await openLocalEnvironment()
  try {
    const bar = startProgress(values.keys ? "Keys" : "Data")
    const path = resolve(file)
    const holds = values.keys ? "keys" : "data"
    const { rows, shops, sha256 } = await writeDump(env().DATABASE_URL, path, holds, (done, total, written) =>
      bar.update(done, total, `${written.toLocaleString("en")} rows`),
    )
    const total = Object.values(rows).reduce((sum, count) => sum + count, 0)
    bar.end(`${total.toLocaleString("en")} rows of ${shops} shops`)
    console.info(`${path}\nSHA-256 of its content: ${sha256}`)
  } finally {
    await environment.close()
  }
}

if (import.meta.main) await runCommand(main)
