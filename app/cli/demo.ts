/**
 * `npm run demo`: a shop's log becomes a journey map and a block of recommendations on a storefront page.
 *   --once                       no browser: fetch the block as a storefront would, print what came, end
 *   --events FILE --items FILE   another log than the demo shop's (docs/architecture.md has the format)
 *   --port N                     port of the storefront; without it a free one
 */
import { existsSync, mkdirSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { closeDatabase, ensureShop, withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { demoCustomers } from "./demo/demo-customers.ts"
import { writeDemoFiles } from "./demo/demo-files.ts"
import { chooseModel } from "./demo/demo-model.ts"
import { loadLog } from "./demo/load-log.ts"
import { fetchBlock, printBlock, printJourneys } from "./demo/show.ts"
import { openSite } from "./demo/site.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { buildWebIfStale } from "./web-build.ts"

const USAGE = "Usage: npm run demo -- [--once] [--events FILE [--items FILE]] [--port N]"

async function main(): Promise<number> {
  const options = readOptions()
  const nowMs = Date.now()
  const starting = startProgress("Starting PostgreSQL")
  const local = await openLocalEnvironment()
  starting.end()
  try {
    const own = options.events === null
    const files = own
      ? await writeDemoFiles(local.home, nowMs)
      : { events: options.events, items: options.items, folder: null }
    const domain = own ? "larkfield-home.myshopify.com" : `${shopName(options.events)}.myshopify.com`
    const shopId = await ensureShop(domain)
    await showEverybodyTheBlock(shopId)
    const folder = join(local.home, "demo", String(shopId))
    mkdirSync(folder, { recursive: true })
    await loadLog(shopId, { events: files.events ?? "", items: files.items }, folder, nowMs)
    await chooseModel(shopId, { home: local.home, domain, isDemoShop: own })

    const building = startProgress("Building the pages")
    building.end((await buildWebIfStale()) ? "built" : "up to date")
    const customers = await demoCustomers(shopId)
    const site = await openSite({ shopId, domain, folder: files.folder, customers, port: options.port })
    try {
      await printJourneys(shopId)
      const [shopper] = customers
      const block = await fetchBlock(site, shopper)
      const served = await printBlock(shopId, block, shopper)
      if (options.once) return served ? 0 : 1
      printAddresses(
        site.shop.visitAs(shopper?.id ?? null, new URL(site.shop.productUrl(block.item)).pathname),
        site.shop,
      )
      await untilInterrupted()
      return 0
    } finally {
      await site.close()
    }
  } finally {
    await local.close()
  }
}

function readOptions() {
  const { values } = parse()
  const file = (name: "events" | "items") => {
    const given = values[name]
    if (given === undefined) return null
    if (!existsSync(given))
      throw new AppError("bad_request", `--${name}: expected a file, but there is none at ${resolve(given)}.`)
    return resolve(given)
  }
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new AppError("bad_request", `--port: expected a number up to 65535, got "${values.port}".`)
  if (values.items && !values.events)
    throw new AppError("bad_request", `--items goes with --events. ${USAGE}`)
  return { once: values.once ?? false, events: file("events"), items: file("items"), port }
}

function parse() {
  try {
    return parseArgs({
      options: {
        once: { type: "boolean" },
        events: { type: "string" },
        items: { type: "string" },
        port: { type: "string" },
      },
    })
  } catch (cause) {
    throw new AppError("bad_request", `${(cause as Error).message}\n${USAGE}`, { cause })
  }
}

/** A newcomer who fell into the holdout would see no block and think it broken: a demo runs no experiment. */
async function showEverybodyTheBlock(shopId: number): Promise<void> {
  await withShopSql(shopId, (client) =>
    client.query(
      `UPDATE shops SET settings = jsonb_set(settings, '{experiment}', '{"holdoutShare": 0}') WHERE shop_id = $1`,
      [shopId],
    ),
  )
}

/** `Online Retail/events.parquet` → `online-retail`: the folder's name where the file's says nothing. */
function shopName(events: string | null): string {
  const parts = resolve(events ?? "").split("/")
  const stem = basename(parts.at(-1) ?? "").replace(/\..*$/, "")
  const name = stem === "events" ? (parts.at(-2) ?? stem) : stem
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "shop"
  )
}

function printAddresses(productPage: string, shop: { adminUrl(path?: string): string }): void {
  process.stdout.write(`
  A storefront page   ${productPage}
  The journey map     ${shop.adminUrl("/app/journey")}
  The admin           ${shop.adminUrl()}

  Ctrl+C ends the demo and everything that it started.
`)
}

function untilInterrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done())
  })
}

main().then(
  (code) => {
    process.exitCode = code
  },
  async (error: unknown) => {
    process.stderr.write(
      `\n✗ ${error instanceof AppError ? error.message : String((error as Error)?.stack ?? error)}\n`,
    )
    await closeDatabase()
    process.exitCode = 1
  },
)
