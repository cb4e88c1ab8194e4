import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { basename, join } from "node:path"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { writeLogRows } from "../features/log-rows.server.ts"
import { timesOf } from "../features/plain-log.ts"
import { readPlainLog } from "../features/read-plain-log.server.ts"
import { exportTrainingRows } from "../features/training-rows.server.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { logAccess } from "../shop/access-log.server.ts"
import { listSharingShopIds } from "../shop/training-sharing.server.ts"
import { type BaseModelOptions, HELP, readOptions } from "./base-model/options.ts"
import { readScaling, scalingReport, scalingText } from "./base-model/scaling-report.ts"
import { ensurePython } from "./ensure-python.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { writeWhole } from "./report/write-whole.ts"
import { runCommand } from "./run-command.ts"
import { runPipeline } from "./run-pipeline.ts"
import { stateFolder } from "./state-folder.ts"

/** The models are small: more threads wait for each other. */
const MOST_THREADS = 4

/**
 * Makes a base model of the shops that share and of plain logs, or draws how it grows.
 * @throws AppError `not_enough_data` where there is neither, `bad_file`, `missing_tool` without Python
 */
export async function pretrain(home: string, options: BaseModelOptions): Promise<void> {
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
    const work = join(home, "pretraining")
    await (options.scaling ? drawScaling(folders, work, options) : trainBase(folders, heldOut, work, options))
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
        actor: "command:base-model",
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
  options: BaseModelOptions,
): Promise<void> {
  const judges = heldOut.length === 0 ? [] : ["--held-out", ...heldOut]
  const args = ["base", "--log", ...folders, ...judges, "--work", work, "--out", options.out]
  await run(args, options, "epoch")
  console.info(
    `Base model   ${options.out}\nA shop starts from it:  npm run train -- --shop DOMAIN --base ${options.out}`,
  )
}

async function drawScaling(
  folders: readonly string[],
  work: string,
  options: BaseModelOptions,
): Promise<void> {
  const figures = join(work, "scaling.json")
  await run(
    ["scaling", "--log", ...folders, "--work", join(work, "scaling"), "--json", figures],
    options,
    "training",
  )
  const { points, pictures } = readScaling(figures)
  writeWhole(options.out, scalingReport({ points, pictures, seed: options.seed, logs: folders.length }))
  console.info(`${scalingText(points)}\n\nPicture      ${options.out}`)
}

async function run(args: readonly string[], options: BaseModelOptions, whole: string): Promise<void> {
  const threads = Math.min(MOST_THREADS, availableParallelism())
  const epochs = options.epochs === null ? [] : ["--epochs", String(options.epochs)]
  await runPipeline({
    python: await ensurePython(),
    module: "throughline.pretrain",
    args: [...args, "--seed", String(options.seed), ...epochs, "--threads", String(threads)],
    threads,
    tooLittle: "There is too little to learn from; what was expected and what came is above.",
    stopped: `Pretraining stopped ({exit}); what it said is above. Run the same command again: it goes on from the last whole ${whole}.`,
  })
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
