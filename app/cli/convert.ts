import { parseArgs } from "node:util"
import { checkFile } from "../capture/read-lines.server.ts"
import { AppError } from "../errors.ts"
import { accessLog } from "./convert/access-log.ts"
import { amazonSequences } from "./convert/amazon-sequences.ts"
import { cdnow } from "./convert/cdnow.ts"
import { type Converter, type ConvertOptions, newTally, type Tally } from "./convert/conversion.ts"
import { onlineRetail } from "./convert/online-retail.ts"
import { FORMATS, type Format, openOutput } from "./convert/output.ts"
import { tmall } from "./convert/tmall.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"

const CONVERTERS = {
  "online-retail": onlineRetail,
  tmall,
  "amazon-sequences": amazonSequences,
  cdnow,
  "access-log": accessLog,
} satisfies Record<string, Converter>
type Kind = keyof typeof CONVERTERS
const KINDS = Object.keys(CONVERTERS) as Kind[]

const HELP = `Turns a log into the plain event format, which can be imported.

  npm run convert -- KIND IN OUT [--format csv|jsonl]

${KINDS.map((kind) => `  ${kind.padEnd(18)}${CONVERTERS[kind].about}`).join("\n")}

OUT is a folder: events.csv and, where the log names items, items.csv are written into it (or .jsonl). What is there
under these names is replaced, and only once everything is written.

For access-log:
  --mapping FILE  what paths mean, in place of the addresses of a Shopify storefront: a JSON list whose first fitting
                  rule counts, like {"path": "^/p/(?<item>[^/]+)$", "type": "product_view"}. The path is a regular
                  expression; its groups item and order name the product and the order. A rule may have
                  "method": "POST", "redirect": true (count an answer that sends the browser on), "query": NAME (the
                  parameter that holds a search) and "itemOfReferrer": true (the product of the page it came from).
  --key TEXT      secret that visitors are hashed with, at least 16 characters; without it a key of this run alone
  --site HOST     the shop's host; without it the host of most referrers
`

export type ConvertResult = { tally: Tally; events: number; items: number; files: string[]; notes: string[] }

/**
 * Converts one file. Nothing is left in `folder` unless all of it was written.
 * @param onProgress bytes read, bytes of the file, rows read.
 * @throws AppError `bad_file` where the file is not of the kind, `unavailable` where the folder cannot be written to.
 */
export async function convert(
  kind: Kind,
  path: string,
  folder: string,
  { format, onProgress, ...options }: ConvertOptions & { format: Format; onProgress?: OnProgress },
): Promise<ConvertResult> {
  const converter: Converter = CONVERTERS[kind]
  const bytes = await checkFile(path)
  const tally = newTally()
  const conversion = await converter.open(path, options, tally)
  const output = await openOutput(folder, format)
  try {
    let events = 0
    for await (const batch of conversion.batches) {
      await output.writeEvents(batch.events)
      events += batch.events.length
      onProgress?.(batch.bytesRead, bytes, tally.rows)
    }
    if (events === 0) throw nothingConverted(path, kind, tally)
    const items = [...conversion.items()]
    await output.writeItems(items)
    const files = await output.commit()
    return { tally, events, items: items.length, files, notes: conversion.notes() }
  } catch (error) {
    await output.abort()
    throw error
  }
}

type OnProgress = (bytesRead: number, bytes: number, rows: number) => void

function nothingConverted(path: string, kind: Kind, tally: Tally): AppError {
  const [most] = byCount(tally)
  const converter: Converter = CONVERTERS[kind]
  const came = most
    ? ` Of ${tally.rows} rows most were left out as ${most.reason}${explanation(converter, most.reason)}; the first, line ${most.line}, begins: ${most.text}`
    : " It holds no row."
  return new AppError(
    "bad_file",
    `${path} gave no event. Expected ${converter.input}.${came}\nCheck that the kind "${kind}" fits the file.`,
  )
}

function byCount(tally: Tally) {
  return [...tally.skipped]
    .map(([reason, found]) => ({ reason, ...found }))
    .sort((a, b) => b.rows - a.rows || a.reason.localeCompare(b.reason))
}

function explanation({ reasons }: Converter, reason: string): string {
  return reasons[reason] ? ` (${reasons[reason]})` : ""
}

function summary(kind: Kind, { tally, events, items, files, notes }: ConvertResult): string {
  const count = (rows: number) => rows.toLocaleString("en").padStart(12)
  return [
    `${count(tally.rows)}  rows read`,
    `${count(events)}  events written`,
    `${count(items)}  items written`,
    ...byCount(tally).map(
      ({ reason, rows, line }) =>
        `${count(rows)}  left out: ${reason}${explanation(CONVERTERS[kind], reason)}, first at line ${line}`,
    ),
    ...notes.map((note) => `  ${note}`),
    `  ${files.join("\n  ")}`,
  ].join("\n")
}

const isKind = (text: string): text is Kind => Object.hasOwn(CONVERTERS, text)
const isFormat = (text: string): text is Format => FORMATS.some((format) => format === text)

export function readArguments(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: "string", default: "csv" },
      mapping: { type: "string" },
      key: { type: "string" },
      site: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help) return null
  const [kind, path, folder, ...more] = positionals
  if (!kind || !isKind(kind))
    throw new AppError(
      "bad_request",
      `Expected a kind of log, got ${kind ? `"${kind}"` : "none"}. There are: ${KINDS.join(", ")}.\nnpm run convert -- --help says more.`,
    )
  if (!path || !folder || more.length > 0)
    throw new AppError(
      "bad_request",
      `Expected KIND IN OUT: a file to read and a folder to write, got ${positionals.length - 1} paths: npm run convert -- ${kind} IN OUT`,
    )
  const { format, mapping = null, key = null, site = null } = values
  if (!isFormat(format))
    throw new AppError("bad_request", `--format must be ${FORMATS.join(" or ")}, got "${format}".`)
  if (kind !== "access-log" && (mapping ?? key ?? site) !== null)
    throw new AppError("bad_request", `--mapping, --key and --site go with access-log, not with ${kind}.`)
  return { kind, path, folder, format, mapping, key, site }
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2))
  if (!args) return console.info(HELP)
  const { kind, path, folder, ...options } = args
  const bar = startProgress(`Converting ${path}`)
  const result = await convert(kind, path, folder, {
    ...options,
    onProgress: (done, total, rows) => bar.update(done, total, `${rows.toLocaleString("en")} rows`),
  })
  bar.end(`${result.events.toLocaleString("en")} events`)
  console.info(summary(kind, result))
}

if (import.meta.main) await runCommand(main)
