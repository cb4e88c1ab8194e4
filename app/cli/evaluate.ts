import { createHash } from "node:crypto"
import { createReadStream, mkdirSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join, resolve } from "node:path"
import { pipeline } from "node:stream/promises"
import { checkFile } from "../capture/read-lines.server.ts"
import { AppError } from "../errors.ts"
import { ensurePython } from "./ensure-python.ts"
import { mergedJson, mergedText, mergeRuns } from "./evaluate/merge.ts"
import {
  type EvaluateOptions,
  HELP,
  MOST_THREADS_UNASKED,
  type Outputs,
  readOptions,
} from "./evaluate/options.ts"
import { prepareLog } from "./evaluate/prepare-log.ts"
import { prepareTable } from "./evaluate/prepare-table.ts"
import { type Finding, readinessText, requireReady } from "./evaluate/readiness.ts"
import { reportHtml } from "./evaluate/report.ts"
import { type EvaluationResult, resultSchema } from "./evaluate/results.ts"
import { parseRun, resultsJson } from "./evaluate/results-file.ts"
import { resultsText } from "./evaluate/results-text.ts"
import { writeWhole } from "./report/write-whole.ts"
import { runCommand } from "./run-command.ts"
import { runPipeline } from "./run-pipeline.ts"
import { stateFolder } from "./state-folder.ts"

type Evaluation = Extract<EvaluateOptions, { kind: "log" | "table" }>

/**
 * Evaluates a log or a table: says whether it is ready, fits and judges every model, and writes what came out.
 * @param args of the command, to say how to repeat it
 * @throws AppError `bad_file`, `bad_request`, `not_enough_data`, `missing_tool` without Python
 */
export async function evaluate(options: Evaluation, args: readonly string[]): Promise<void> {
  const data = await dataHash(options)
  const work = join(stateFolder(), "evaluation", workName(options, data))
  mkdirSync(work, { recursive: true, mode: 0o700 })
  let findings: readonly Finding[] = []
  const report = (found: readonly Finding[]) => {
    findings = found
    console.info(readinessText(found))
    requireReady(found)
  }
  if (options.kind === "log") await prepareLog(options, work, Date.now(), report)
  else await prepareTable(options, work, report)

  const result = await judge(options, work)
  console.info(resultsText(result))
  const cutMs = options.kind === "log" ? options.cutMs : null
  const { json, html } = outputPaths(options, work)
  writeWhole(json, resultsJson(result, findings, { cutMs, data }))
  writeWhole(html, reportHtml({ result, findings, command: commandText(args), data: filesOf(options) }))
  console.info(`Report   ${html}\nFigures  ${json}\nRows     ${work}`)
}

async function judge(options: Evaluation, work: string): Promise<EvaluationResult> {
  const file = join(work, "result.json")
  rmSync(file, { force: true })
  const threads = options.threads ?? Math.min(MOST_THREADS_UNASKED, availableParallelism())
  const asked =
    options.kind === "log"
      ? [
          ...["--target", options.target, "--split", options.split],
          ...(options.behaviourModel ? ["--behaviour-model"] : []),
        ]
      : ["--target", "label", "--split", "random"]
  await runPipeline({
    python: await ensurePython(),
    module: "throughline.evaluation",
    args: ["--work", work, ...asked, "--seed", String(options.seed), "--threads", String(threads)],
    threads,
    tooLittle: "There is too little to evaluate; what was expected and what came is above.",
    stopped:
      "The evaluation stopped ({exit}); what it said is above. Run the same command again: it goes on from the last whole step.",
  })
  return resultSchema.parse(JSON.parse(readFileSync(file, "utf8")))
}

/** One folder for each thing asked, so that what was kept of a killed run is found again. */
function workName(options: Evaluation, data: string): string {
  const asked =
    options.kind === "log"
      ? [options.target, options.split, ...(options.cutMs === null ? [] : [`cut-${options.cutMs}`])]
      : ["label", createHash("sha256").update(options.label).digest("hex").slice(0, 8)]
  return [data.slice(0, 12), ...asked, `seed-${options.seed}`].join("-")
}

function filesOf(options: Evaluation): string[] {
  if (options.kind === "table") return [options.table]
  return options.items === null ? [options.events] : [options.events, options.items]
}

/** SHA-256 of the files that are read, in their order. */
async function dataHash(options: Evaluation): Promise<string> {
  const hash = createHash("sha256")
  for (const path of filesOf(options)) {
    hash.update(`${await checkFile(path)}\0`)
    await pipeline(createReadStream(path), hash, { end: false })
  }
  return hash.digest("hex")
}

/** The report lies beside the figures, unless a folder is given for it. */
function outputPaths({ json, out }: Outputs, work: string): { json: string; html: string } {
  const folder = resolve(out ?? work)
  const jsonPath = json === null ? join(folder, "results.json") : resolve(json)
  const beside = json !== null && out === null
  return {
    json: jsonPath,
    html: beside ? `${jsonPath.replace(/\.json$/i, "")}.html` : join(folder, "report.html"),
  }
}

function commandText(args: readonly string[]): string {
  const quoted = args.map((arg) => (/^[\w./:=@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`))
  return `npm run evaluate -- ${quoted.join(" ")}`
}

function merge({ files, json }: Extract<EvaluateOptions, { kind: "merge" }>): void {
  const merged = mergeRuns(files.map((file) => ({ file, run: parseRun(file, textOf(file)) })))
  console.info(mergedText(merged))
  if (json !== null) writeWhole(json, mergedJson(merged))
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch (cause) {
    throw new AppError("bad_file", `${file} cannot be read. Give files that --json wrote.`, { cause })
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const options = readOptions(args)
  switch (options.kind) {
    case "help":
      return console.info(HELP)
    case "merge":
      return merge(options)
    case "log":
    case "table":
      return evaluate(options, args)
    default:
      return options satisfies never
  }
}

if (import.meta.main) await runCommand(main)
