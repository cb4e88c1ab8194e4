import { mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { z } from "zod"
import { shopIdOf } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { exportTrainingRows } from "../features/training-rows.server.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { publishModel, registerModel } from "../scoring/registry.server.ts"
import { customerResults } from "./customer-results.ts"
import { ensurePython } from "./ensure-python.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"
import { runPipeline } from "./run-pipeline.ts"
import { resultsTable, verdict } from "./training-results.ts"

const HELP = `Trains a shop's behaviour model and publishes it if it beats every baseline. Also fits who buys again (BG/NBD); its
parameters place customers in the lifecycle if they beat the plain rhythm.

  npm run train -- --shop DOMAIN [--base FILE] [--seed N] [--epochs N] [--out DIR] [--no-publish]

  --shop        the shop's domain; its events are in the database (npm run import)
  --base        a base model of npm run base-model to start from
  --seed        1 unless given; the same seed and events give the same model
  --epochs      at most so many; training stops sooner when validation no longer improves
  --out         folder for the model's files; under THROUGHLINE_HOME unless given
  --no-publish  leave it a candidate and the lifecycle as it is, however good they are

Killed, it goes on from its last whole epoch when started again with the same events and seed.
`

function readArguments() {
  const { values } = parseArgs({
    options: {
      shop: { type: "string" },
      base: { type: "string" },
      seed: { type: "string", default: "1" },
      epochs: { type: "string" },
      out: { type: "string" },
      "no-publish": { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  })
  return values
}

function wholeNumber(name: string, text: string): number {
  const parsed = z.coerce.number().int().min(1).max(1_000_000).safeParse(text)
  if (!parsed.success)
    throw new AppError("bad_request", `--${name} must be a whole number from 1 on, got "${text}".`)
  return parsed.data
}

function runTraining(python: string, args: readonly string[]): Promise<void> {
  return runPipeline({
    python,
    module: "throughline",
    args,
    tooLittle: "The shop has too few events to train on (the count is above).",
    stopped:
      "Training stopped ({exit}); what it said is above. Run the same command again: it goes on from the last whole epoch.",
  })
}

export type TrainOptions = {
  shop?: string
  base?: string
  seed: string
  epochs?: string
  out?: string
  "no-publish"?: boolean
}

/**
 * Trains on the shop's events in the database, registers the model, and publishes it if it beats its baselines.
 * @throws AppError `not_found`, `not_enough_data`, `missing_tool` without Python, `bad_request`.
 */
export async function train(home: string, options: TrainOptions): Promise<void> {
  const { shop, base, seed, epochs, out } = options
  if (!shop) throw new AppError("bad_request", `Expected --shop DOMAIN.\n\n${HELP}`)
  const seedNumber = wholeNumber("seed", seed)
  const domain = shop.toLowerCase()
  const shopId = await shopIdOf(domain)
  if (shopId === null)
    throw new AppError(
      "not_found",
      `Expected a shop in the database, found none named ${domain}. Import its events first: npm run import -- --shop ${domain} --events FILE`,
    )
  const python = await ensurePython()
  const work = join(home, "training", `shop-${shopId}-seed-${seedNumber}`)
  const artefact = out ? resolve(out) : join(work, "model")
  mkdirSync(work, { recursive: true })

  // Joins and bots first: rows are of persons, not of browsers.
  const journeys = startProgress("Journeys")
  await updateJourneys(shopId, {
    asOf: new Date(),
    onProgress: ({ shoppersDone, shoppersTotal }) => journeys.update(shoppersDone, shoppersTotal),
  })
  journeys.end()
  const bar = startProgress("Training rows")
  const counts = await exportTrainingRows(shopId, work, (done, total) => bar.update(done, total))
  const figures = [
    `${counts.events.toLocaleString("en")} events`,
    `${counts.shoppers.toLocaleString("en")} shoppers`,
    `${counts.items.toLocaleString("en")} products`,
  ]
  bar.end(figures.join(", "))

  await fitCustomers(shopId, python, work, seedNumber, { use: !options["no-publish"] })

  const most = epochs === undefined ? [] : ["--epochs", String(wholeNumber("epochs", epochs))]
  const start = base === undefined ? [] : ["--base", resolve(base)]
  const args = ["all", "--work", work, "--out", artefact, "--seed", String(seedNumber), ...most, ...start]
  await runTraining(python, args)

  const report: unknown = JSON.parse(readFileSync(join(work, "report.json"), "utf8"))
  console.info(resultsTable(report))
  const modelId = await registerModel(shopId, artefact)
  console.info(`Registered as candidate ${modelId}; files in ${artefact}`)
  const { beaten, text } = verdict(report)
  console.info(text)
  if (!beaten || options["no-publish"]) {
    console.info("Not published; what served before serves on.")
    return
  }
  await publishModel(shopId, modelId)
  console.info("Published: it serves from now on.")
}

/** Fits who buys again. What does not beat the plain rhythm is not used, and neither is what an older log gave. */
async function fitCustomers(
  shopId: number,
  python: string,
  work: string,
  seed: number,
  { use }: { use: boolean },
): Promise<void> {
  await runTraining(python, ["customers", "--work", work, "--seed", String(seed)])
  const { bgnbd, text } = customerResults(JSON.parse(readFileSync(join(work, "customers.json"), "utf8")))
  console.info(text)
  if (!use) return
  const lifecycles = startProgress("Lifecycles")
  await updateJourneys(shopId, {
    asOf: new Date(),
    bgnbd,
    onProgress: ({ shoppersDone, shoppersTotal }) => lifecycles.update(shoppersDone, shoppersTotal),
  })
  lifecycles.end(bgnbd === null ? "by the plain rhythm" : "by P(alive)")
}

async function main(): Promise<void> {
  const options = readArguments()
  if (options.help) return console.info(HELP)
  const environment = await openLocalEnvironment()
  try {
    await train(environment.home, options)
  } finally {
    await environment.close()
  }
}

if (import.meta.main) await runCommand(main)
