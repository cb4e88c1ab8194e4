import { parseArgs } from "node:util"
import { z } from "zod"
import { parseTimestamp } from "../../capture/timestamp.ts"
import { AppError } from "../../errors.ts"
import { EVALUATION_TARGETS, type EvaluationTarget } from "../../features/time-cuts.ts"

/** The models are small: more threads wait for each other. */
export const MOST_THREADS_UNASKED = 4
const MOST_THREADS = 1_024

export const HELP = `Takes a log in the plain event format or a plain table, fits every baseline and model on what comes before, and says what
each is worth after. One is chosen, on validation; all are judged on the test part. Needs no database.

  npm run evaluate -- --events FILE [--items FILE] --target TARGET [--split leave-one-out|time]
                      [--behaviour-model] [--seed N] [--cut DATE] [--json FILE] [--out DIR] [--threads N]
  npm run evaluate -- --table FILE --label COLUMN [--seed N] [--json FILE] [--out DIR] [--threads N]
  npm run evaluate -- --merge A.json B.json … [--json FILE]

  --events   shoppers' events: .csv, .jsonl or .parquet, also .csv.gz and .jsonl.gz
  --items    products with their texts and prices, of the same kinds
  --target   next-event   which product a shopper turns to next
             next-basket  which products a shopper buys next
             purchase     whether a visit ends in a purchase, asked after each of its events
             return       whether a customer buys again
             spend        how much a customer will spend
  --split    time (unless given): the last part of the log is predicted from what lies before it
             leave-one-out: each shopper's last event is predicted, with next-event alone
  --cut      the day on which the test part begins (2026-03-31, or a time in ISO 8601); chosen by the log's length
             unless given
  --behaviour-model  with next-event: judge the model that the app serves however long it takes; unless given, up to
             5,000 products and 400,000 events
  --table    rows to classify; blank cells are allowed. --label names the column to predict
  --seed     1 unless given; the same seed and data give the same figures
  --json     writes the rows of the table to a file
  --out      folder of report.html, and of results.json unless --json is given
  --threads  of the processor; unless given all it has, at most ${MOST_THREADS_UNASKED}. Figures may differ in the last digits
  --merge    mean and spread of several runs that differ in their seed alone

Killed, it goes on from its last whole step when the same command is given again.
`

const SPLITS = ["leave-one-out", "time"] as const
export type Split = (typeof SPLITS)[number]

export type Outputs = { json: string | null; out: string | null }

/** `threads` null: as many as there are, up to MOST_THREADS_UNASKED. */
type Fitting = { seed: number; threads: number | null }

export type EvaluateOptions = Outputs &
  (
    | ({
        kind: "log"
        events: string
        items: string | null
        target: EvaluationTarget
        split: Split
        cutMs: number | null
        behaviourModel: boolean
      } & Fitting)
    | ({ kind: "table"; table: string; label: string } & Fitting)
    | { kind: "merge"; files: string[] }
    | { kind: "help" }
  )

const OPTIONS = {
  events: { type: "string" },
  items: { type: "string" },
  table: { type: "string" },
  label: { type: "string" },
  split: { type: "string" },
  target: { type: "string" },
  seed: { type: "string" },
  threads: { type: "string" },
  cut: { type: "string" },
  "behaviour-model": { type: "boolean" },
  json: { type: "string" },
  out: { type: "string" },
  merge: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const

/** @throws AppError `bad_request` for what does not go together; TypeError for an option that is not there. */
export function readOptions(args: string[]): EvaluateOptions {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  const given = new Set(Object.keys(values))
  const outputs = { json: values.json ?? null, out: values.out ?? null }
  if (values.help) return { kind: "help", ...outputs }
  const kinds = (["events", "table", "merge"] as const).filter((name) => given.has(name))
  const [kind] = kinds
  if (kind === undefined) throw refused("Expected --events FILE, --table FILE or --merge with files.")
  if (kinds.length > 1)
    throw refused(`Expected one of them, got ${kinds.map((name) => `--${name}`).join(" and ")}.`)
  if (kind !== "merge" && positionals.length > 0)
    throw refused(
      `"${positionals[0]}" belongs to no option. Files are named after --events, --items or --table.`,
    )
  const refuseOthers = (...allowed: string[]) => {
    const others = [...given].filter((name) => !["json", "out", kind, ...allowed].includes(name))
    if (others.length > 0)
      throw refused(`${others.map((name) => `--${name}`).join(", ")} does not go with --${kind}.`)
  }
  switch (kind) {
    case "merge":
      refuseOthers()
      if (positionals.length < 2)
        throw refused(`Expected at least two files after --merge, got ${positionals.length}.`)
      return { kind, files: positionals, ...outputs }
    case "table":
      refuseOthers("label", "seed", "threads")
      if (!values.table || !values.label)
        throw refused("Expected --table FILE with --label COLUMN, the column to predict.")
      return { kind, table: values.table, label: values.label, ...fittingOf(values), ...outputs }
    case "events": {
      refuseOthers("items", "target", "split", "seed", "cut", "behaviour-model", "threads")
      if (!values.events) throw refused("Expected a file after --events.")
      const target = oneOf("target", EVALUATION_TARGETS, values.target)
      const split = oneOf("split", SPLITS, values.split ?? "time")
      if (split === "leave-one-out" && target !== "next-event")
        throw refused(
          `--split leave-one-out goes with --target next-event alone, got --target ${target}. Use --split time.`,
        )
      if (split === "leave-one-out" && values.cut !== undefined)
        throw refused("--cut goes with --split time: leave-one-out holds out each shopper's last event.")
      const behaviourModel = values["behaviour-model"] ?? false
      if (behaviourModel && target !== "next-event")
        throw refused(`--behaviour-model goes with --target next-event alone, got --target ${target}.`)
      return {
        kind: "log",
        events: values.events,
        items: values.items ?? null,
        target,
        split,
        ...fittingOf(values),
        cutMs: values.cut === undefined ? null : cutOf(values.cut),
        behaviourModel,
        ...outputs,
      }
    }
    default:
      return kind satisfies never
  }
}

function refused(message: string): AppError {
  return new AppError("bad_request", `${message}\nnpm run evaluate -- --help says more.`)
}

function oneOf<Name extends string>(option: string, names: readonly Name[], came: string | undefined): Name {
  const found = names.find((name) => name === came)
  if (found !== undefined) return found
  throw refused(`Expected --${option} ${names.join("|")}, got ${came === undefined ? "none" : `"${came}"`}.`)
}

function fittingOf({ seed = "1", threads }: { seed?: string; threads?: string }): Fitting {
  return {
    seed: wholeNumber("seed", seed, 0, 1_000_000),
    threads: threads === undefined ? null : wholeNumber("threads", threads, 1, MOST_THREADS),
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const parsed = z.coerce.number().int().min(least).max(most).safeParse(text)
  if (parsed.success && text.trim() !== "") return parsed.data
  const range = `${least} to ${most.toLocaleString("en")}`
  throw refused(`--${option} must be a whole number from ${range}, got "${text}".`)
}

function cutOf(text: string): number {
  const ms = parseTimestamp(text)
  if (Number.isNaN(ms))
    throw refused(`--cut must be a day like 2026-03-31 or a time in ISO 8601, got "${text}".`)
  return ms
}
