/**
 * `npm run demo`: the app is installed into a simulated shop, reads its history, and a journey map and a block of
 * recommendations on its storefront come of it.
 *   --once                       no browser: install, fetch the block as a storefront would, print what came, end
 *   --quiet                      no simulated visitors beside yours
 *   --events FILE --items FILE   another log than the demo shop's (docs/architecture.md has the format)
 *   --port N                     port of the storefront; without it a free one
 */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import type { SimulatedShop } from "../../tests/support/shop/start-shop.ts"
import { startTraffic } from "../../tests/support/shop/traffic.ts"
import { closeDatabase, ensureShop, withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { type DemoCustomer, demoCustomers } from "./demo/demo-customers.ts"
import { writeDemoFiles } from "./demo/demo-files.ts"
import { chooseModel } from "./demo/demo-model.ts"
import { type DemoOptions, readOptions, shopName } from "./demo/demo-options.ts"
import { DEMO_DOMAIN, openDemoState } from "./demo/demo-state.ts"
import { putSlates, readCatalogue } from "./demo/foreign-log.ts"
import { installApp } from "./demo/install-app.ts"
import { linkCustomers } from "./demo/link-customers.ts"
import { deriveFromLog, loadLog } from "./demo/load-log.ts"
import { fetchBlock, printBlock, printJourneys } from "./demo/show.ts"
import { openSite, type Site } from "./demo/site.ts"
import { watchHistory } from "./demo/watch-history.ts"
import { openLocalEnvironment } from "./local-environment.ts"
import { startProgress } from "./progress.ts"
import { buildWebIfStale } from "./web-build.ts"

async function main(): Promise<number> {
  const options = readOptions()
  const nowMs = Date.now()
  const starting = startProgress("Starting PostgreSQL")
  const local = await openLocalEnvironment()
  starting.end()
  try {
    return await (options.events === null
      ? runDemoShop(local.home, options, nowMs)
      : runForeignLog(local.home, { ...options, events: options.events }, nowMs))
  } finally {
    await local.close()
  }
}

/** The demo's own shop: installed by a click (or, with --once, by itself), its history read through the Admin API. */
async function runDemoShop(home: string, options: DemoOptions, nowMs: number): Promise<number> {
  const files = await writeDemoFiles(home, nowMs)
  const shopId = await ensureShop(DEMO_DOMAIN)
  await showEverybodyTheBlock(shopId)
  await loadLog(shopId, { events: files.events, items: null }, folderOf(home, shopId))
  const numbers = await linkCustomers(shopId, files.customers)
  await chooseModel(shopId, { home, domain: DEMO_DOMAIN, isDemoShop: true })
  await buildPages()

  const kept = openDemoState(files.shop)
  const shoppers: { id: string; label: string }[] = []
  const starting = startProgress("Starting web, worker, scorer and storefront")
  const site = await openSite({
    domain: DEMO_DOMAIN,
    state: kept.state,
    installed: false,
    allOrders: true,
    shoppers,
    webhooks: {},
    port: options.port,
    image: (code) => readFileSync(join(files.folder, "images", `${code}.svg`), "utf8"),
  })
  starting.end()
  try {
    if (options.once) await installApp(site.shop)
    else await untilInstalled(site.shop)
    await watchHistory(shopId, { withinMs: HISTORY_WITHIN_MS })
    // By now: what the history brought was received after the start.
    await deriveFromLog(shopId, Date.now())
    const customers = await demoCustomers(shopId, numbers)
    // The storefront offers them from here on.
    shoppers.push(...customers)
    return await show(shopId, site, customers, options)
  } finally {
    await site.close()
    kept.close()
  }
}

/** A log of somebody's own: there is no shop behind it to install into. */
async function runForeignLog(
  home: string,
  options: DemoOptions & { events: string },
  nowMs: number,
): Promise<number> {
  const domain = `${shopName(options.events)}.myshopify.com`
  const shopId = await ensureShop(domain)
  await showEverybodyTheBlock(shopId)
  await loadLog(shopId, { events: options.events, items: options.items }, folderOf(home, shopId))
  await deriveFromLog(shopId, nowMs)
  await chooseModel(shopId, { home, domain, isDemoShop: false })
  await buildPages()
  const customers = await demoCustomers(shopId)
  const starting = startProgress("Starting web, worker, scorer and storefront")
  const site = await openSite({
    domain,
    catalogue: await readCatalogue(shopId),
    shoppers: customers,
    port: options.port,
  })
  starting.end()
  try {
    await putSlates(shopId, site.shop)
    return await show(shopId, site, customers, { ...options, quiet: true })
  } finally {
    await site.close()
  }
}

async function show(
  shopId: number,
  site: Site,
  customers: readonly DemoCustomer[],
  options: Pick<DemoOptions, "once" | "quiet">,
): Promise<number> {
  await printJourneys(shopId)
  const [shopper] = customers
  const block = await fetchBlock(shopId, site, shopper)
  const served = await printBlock(shopId, block, shopper)
  if (options.once) return served ? 0 : 1
  printAddresses(
    site.shop.visitAs(shopper?.id ?? null, new URL(site.shop.productUrl(block.item)).pathname),
    site.shop,
  )
  if (!options.quiet) process.stdout.write(TRAFFIC_NOTE)
  const traffic = options.quiet ? null : startTraffic(site.shop, { everyMs: STEP_EVERY_MS, seed: Date.now() })
  await untilInterrupted()
  await traffic?.stop()
  return 0
}

const HISTORY_WITHIN_MS = 300_000
/** Four visitors, a step of one of them every three seconds: enough to see things move, and to read the log by. */
const STEP_EVERY_MS = 3_000
const TRAFFIC_NOTE = "\n  Simulated visitors walk through the shop meanwhile; --quiet leaves it empty.\n"

async function untilInstalled(shop: SimulatedShop): Promise<void> {
  const isInstalled = () => shop.state.store.installation.installedAtMs !== null
  if (isInstalled()) return
  process.stdout.write(`
  Install the app     ${shop.adminUrl()}
  The storefront      ${shop.url}

  Press “Install” in the admin; the shop's history is imported from there. (Ctrl+C ends the demo.)

`)
  while (!isInstalled()) {
    if (interrupted.aborted) throw new AppError("bad_request", "Ended before the app was installed.")
    await wait(200)
  }
}

function folderOf(home: string, shopId: number): string {
  const folder = join(home, "demo", String(shopId))
  mkdirSync(folder, { recursive: true })
  return folder
}

async function buildPages(): Promise<void> {
  const building = startProgress("Building the pages")
  building.end((await buildWebIfStale()) ? "built" : "up to date")
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

function printAddresses(productPage: string, shop: { adminUrl(path?: string): string }): void {
  process.stdout.write(`
  A storefront page   ${productPage}
  The journey map     ${shop.adminUrl("/app/journey")}
  The admin           ${shop.adminUrl()}

  Ctrl+C ends the demo and everything that it started.
`)
}

const ending = new AbortController()
const interrupted = ending.signal
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort())

function untilInterrupted(): Promise<void> {
  return new Promise((done) => {
    if (interrupted.aborted) return done()
    interrupted.addEventListener("abort", () => done(), { once: true })
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
