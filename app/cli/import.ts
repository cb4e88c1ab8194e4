import { parseArgs } from "node:util"
import { importEvents } from "../capture/import-events.server.ts"
import type { ImportOptions, ImportProgress, ImportResult } from "../capture/import-file.server.ts"
import { importItems } from "../capture/import-items.server.ts"
import { ROW_REASONS } from "../capture/row-fields.ts"
import { ensureShop } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { startProgress } from "./progress.ts"
import { runCommand } from "./run-command.ts"

const HELP = `Imports a shop's items and events.

  npm run import -- --shop DOMAIN --events FILE [--items FILE]

  --shop    the shop's domain, like my-shop.myshopify.com; it is made if it is new
  --events  events as .csv, .jsonl (each also .gz) or .parquet:
            shopper,type,at and any of item,price,currency,quantity,session,order,query,source,id
  --items   items in the same kinds of file:
            item,title and any of description,category,brand,price,currency,image,available

A second import of a file adds nothing. Rows that cannot be read are set aside in FILE.aside.jsonl, with line number
and reason. A file that is damaged leaves nothing.
`

/** Imports one file with a progress bar; prints its summary. Rows that cannot be read go to `asideFile`. */
export async function importWithProgress(
  label: string,
  file: string,
  run: (options: ImportOptions) => Promise<ImportResult>,
  asideFile = `${file}.aside.jsonl`,
): Promise<ImportResult> {
  const bar = startProgress(label)
  const startedMs = Date.now()
  const onProgress = ({ phase, rows, share }: ImportProgress) => {
    const perSecond = Math.round(rows / Math.max(0.001, (Date.now() - startedMs) / 1000))
    // Reading takes about half of the time, merging the other.
    const done = phase === "reading" ? share / 2 : 0.5 + share / 2
    bar.update(
      done,
      1,
      `${phase} ${rows.toLocaleString("en")} rows, ${perSecond.toLocaleString("en")} rows/s`,
    )
  }
  const result = await run({ nowMs: startedMs, asideFile, onProgress })
  const perSecond = Math.round(result.rowsRead / Math.max(0.001, (Date.now() - startedMs) / 1000))
  bar.end(`${result.rowsRead.toLocaleString("en")} rows, ${perSecond.toLocaleString("en")} rows/s`)
  console.info(summary(result))
  return result
}

function summary(result: ImportResult): string {
  const count = (rows: number) => rows.toLocaleString("en").padStart(12)
  const reasons = ROW_REASONS.filter((reason) => result.aside[reason]).map(
    (reason) => `${count(result.aside[reason] ?? 0)}  set aside: ${reason}`,
  )
  const lines = [
    `${count(result.rowsRead)}  rows read`,
    `${count(result.rowsAdded)}  new`,
    `${count(result.rowsKnown)}  already there`,
    ...(reasons.length > 0 ? reasons : [`${count(0)}  set aside`]),
  ]
  if (result.asideFile) lines.push(`  Rows set aside, with line number and reason: ${result.asideFile}`)
  return lines.join("\n")
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      shop: { type: "string" },
      events: { type: "string" },
      items: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  return values
}

async function main(): Promise<void> {
  const { shop, events, items, help } = readArguments()
  if (help) return console.info(HELP)
  if (!shop || !(events || items))
    throw new AppError("bad_request", `Expected --shop and --events or --items.\n\n${HELP}`)
  const domain = shop.toLowerCase()
  if (!/^[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*$/.test(domain))
    throw new AppError("bad_request", `--shop must be a domain like my-shop.myshopify.com, got "${shop}".`)
  const shopId = await ensureShop(domain)
  if (items)
    await importWithProgress(`Items of ${items}`, items, (options) => importItems(shopId, items, options))
  if (events)
    await importWithProgress(`Events of ${events}`, events, (options) =>
      importEvents(shopId, events, options),
    )
}

if (import.meta.main) await runCommand(main)
