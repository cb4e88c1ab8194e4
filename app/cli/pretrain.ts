import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { basename, join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { z } from "zod"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { writeLogRows } from "../features/log-rows.server.ts"
import { timesOf } from "../features/plain-log.ts"
import { readPlainLog } from "../features/read-plain-log.server.ts"
import { exportTrainingRows } from "../features/training-rows.server.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { logAccess } from "../shop/access-log.server.ts"
import { listSharingShopIds } from "../shop/training-sharing.server.ts"
import { ensurePython } from "./ensure-python.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"
import { runPipeline } from "./run-pipeline.ts"
import { stateFolder } from "./state-folder.ts"

const HELP = `Makes a base model from several logs, without ids of their products. A shop starts from it: npm run train -- --base FILE

  npm run pretrain -- [--logs DIR …] [--only-logs] [--held-out DIR]… [--out FILE] [--seed N] [--epochs N]

  --logs       folders, each with events.csv, .jsonl (also .gz) or .parquet and, where there is one, items of the same kinds
  --only-logs  leave the shops in the database out; else those that share their training rows take part
  --held-out   a folder like those of --logs, may be given again: nothing is learned from it; it chooses how much of what
               was learned is kept. A log of another kind than the others chooses best
  --out        file of the base model; under THROUGHLINE_HOME unless given
  --seed       1 unless given; the same seed and logs give the same model
  --epochs     at most so many

A shop takes part only if its merchant turned sharing on (Privacy, in the admin). Rows of shops are written for this
run and removed at its end. Killed, it goes on from its last whole epoch.
`

/** The models are small: more threads wait for each other. */
const MOST_THREADS = 4

export type PretrainOptions = {
  logs: readonly string[]
  onlyLogs: boolean
  heldOut: readonly string[]
  out: string
  seed: number
  epochs: number | null
}

const wholeNumber = (name: string) =>
  z.coerce
    .number({ error: `--${name} must be a whole number from 1 on.` })
    .int()
    .min(1)
    .max(1_000_000)

/** @throws AppError `bad_request` */
export function readOptions(args: readonly string[], home: string): PretrainOptions | "help" {
  const { values, positionals } = parse(args)
  if (values.help) return "help"
  const numbers = z
    .object({ seed: wholeNumber("seed"), epochs: wholeNumber("epochs").nullable() })
    .safeParse({ seed: values.seed, epochs: values.epochs ?? null })
  if (!numbers.success)
    throw new AppError("bad_request", numbers.error.issues.map(({ message }) => message).join(" "))
  // `--logs one two`: what follows the first folder comes as positionals.
  if (positionals.length > 0 && values.logs === undefined)
    throw new AppError("bad_request", `Expected folders after --logs, got "${positionals[0]}".\n\n${HELP}`)
  const logs = [...(values.logs ?? []), ...positionals].map((folder) => resolve(folder))
  if (values["only-logs"] && logs.length === 0)
    throw new AppError("bad_request", "--only-logs needs --logs DIR.")
  return {
    logs,
    onlyLogs: values["only-logs"] ?? false,
    heldOut: (values["held-out"] ?? []).map((folder) => resolve(folder)),
    out: resolve(values.out ?? join(home, "base-model.pt")),
    ...numbers.data,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        logs: { type: "string", multiple: true },
        "only-logs": { type: "boolean" },
        "held-out": { type: "string", multiple: true },
        out: { type: "string" },
        seed: { type: "string", default: "1" },
        epochs: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    })
  } catch (cause) {
    throw new AppError("bad_request", `${(cause as Error).message}\n\n${HELP}`, { cause })
  }
}

/**
 * Makes a base model of the shops that share and of plain logs.
 * @throws AppError `not_enough_data` where there is neither, `bad_file`, `missing_tool` without Python
 */
export async function pretrain(home: string, options: PretrainOptions): Promise<void> {
  const rows = join(home, "pretraining", "rows")
  // What a killed run left may be of a shop that no longer shares.
  rmSync(rows, { recursive: true, force: true })
  try {
    const folders = await plainLogRows(options.logs, rows, "logs")
    const heldOut = await plainLogRows(options.heldOut, rows, "held-out")
    if (!options.onlyLogs) folders.push(...(await sharedRows(rows)))
    if (folders.length === 0)
      throw new AppError(
        "not_enough_data",
        "Expected shops that share their training rows, found none. A merchant turns it on under Privacy in the admin; or give logs of your own: --logs DIR.",
      )
    await trainBase(folders, heldOut, join(home, "pretraining"), options)
  } finally {
    rmSync(rows, { recursive: true, force: true })
  }
}

/** Rows of the shops that share, one folder each, by number: no shop's name leaves the database. */
export async function sharedRows(folder: string): Promise<string[]> {
  const written: string[] = []
  for (const shopId of await listSharingShopIds()) {
    const rows = join(folder, `shop-${shopId}`)
    mkdirSync(rows, { recursive: true, mode: 0o700 })
    // Joins and bots first: rows are of persons, not of browsers.
    await updateJourneys(shopId, { asOf: new Date() })
    await withShopSql(shopId, (client) =>
      logAccess(client, shopId, {
        actor: "command:pretrain",
        action: "wrote_training_rows_for_a_shared_model",
        shopperId: null,
      }),
    )
    const bar = startProgress(`Training rows of shop ${shopId}`)
    const counts = await exportTrainingRows(shopId, rows, (done, total) => bar.update(done, total))
    bar.end(`${counts.events.toLocaleString("en")} events`)
    written.push(rows)
  }
  return written
}

async function plainLogRows(
  logs: readonly string[],
  folder: string,
  option: "logs" | "held-out",
): Promise<string[]> {
  const written: string[] = []
  for (const [index, log] of logs.entries()) {
    const rows = join(folder, `${option}-${index + 1}-${basename(log)}`)
    mkdirSync(rows, { recursive: true, mode: 0o700 })
    const items = fileOf(log, "items")
    const bar = startProgress(`Reading ${basename(log)}`)
    const read = await readPlainLog(
      { path: requiredFile(option, log, "events"), asideFile: join(rows, "events.aside.jsonl") },
      items === null ? null : { path: items, asideFile: join(rows, "items.aside.jsonl") },
      Date.now(),
      (share) => bar.update(share, 1),
    )
    const times = timesOf(read.log)
    const endMs = times.reduce((latest, time) => Math.max(latest, time), 0) + 1
    await writeLogRows(rows, read.log, { endMs, momentOrder: "reading" }, () => undefined)
    bar.end(`${times.length.toLocaleString("en")} events`)
    written.push(rows)
  }
  return written
}

function fileOf(folder: string, name: "events" | "items"): string | null {
  if (!existsSync(folder)) return null
  const found = readdirSync(folder).find(
    (file) => /^\w+\.(csv|jsonl|parquet)(\.gz)?$/.test(file) && file.startsWith(`${name}.`),
  )
  return found === undefined ? null : join(folder, found)
}

function requiredFile(option: string, folder: string, name: "events"): string {
  const file = fileOf(folder, name)
  if (file === null)
    throw new AppError(
      "bad_request",
      `--${option}: expected a folder with ${name}.csv, .jsonl or .parquet, found none in ${folder}.`,
    )
  return file
}

async function trainBase(
  folders: readonly string[],
  heldOut: readonly string[],
  work: string,
  options: PretrainOptions,
): Promise<void> {
  const threads = Math.min(MOST_THREADS, availableParallelism())
  const judges = heldOut.length === 0 ? [] : ["--held-out", ...heldOut]
  const epochs = options.epochs === null ? [] : ["--epochs", String(options.epochs)]
  const given = ["--work", work, "--out", options.out, "--seed", String(options.seed), ...epochs]
  await runPipeline({
    python: await ensurePython(),
    module: "throughline.pretrain",
    args: ["base", "--log", ...folders, ...judges, ...given, "--threads", String(threads)],
    threads,
    tooLittle: "There is too little to learn from; what was expected and what came is above.",
    stopped:
      "Pretraining stopped ({exit}); what it said is above. Run the same command again: it goes on from the last whole epoch.",
  })
  console.info(
    `Base model   ${options.out}\nA shop starts from it:  npm run train -- --shop DOMAIN --base ${options.out}`,
  )
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), stateFolder())
  if (options === "help") return console.info(HELP)
  if (options.onlyLogs) return pretrain(stateFolder(), options)
  const environment = await openLocalEnvironment()
  try {
    await pretrain(environment.home, options)
  } finally {
    await environment.close()
  }
}

if (import.meta.main) await runCommand(main)
