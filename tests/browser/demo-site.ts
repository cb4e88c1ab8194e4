/**
 * The whole product on a small demo shop, as a newcomer meets it: imported events, the committed demo model where
 * there is one, the real web process, and the simulated shop in front of it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { importEvents } from "../../app/capture/import-events.server.ts"
import { importItems } from "../../app/capture/import-items.server.ts"
import { type DemoCustomer, demoCustomers } from "../../app/cli/demo/demo-customers.ts"
import { freePort } from "../../app/cli/embedded-postgres.ts"
import { ensureShop, withShop } from "../../app/db.server.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { defaultSlates } from "../../app/recommend/default-slates.server.ts"
import { updateBaselines } from "../../app/scoring/baselines.server.ts"
import { publishModel, registerModel } from "../../app/scoring/registry.server.ts"
import { writeDemoShop } from "../support/demo-shop/files.ts"
import { generateDemoShop } from "../support/demo-shop/generate.ts"
import { productImage } from "../support/demo-shop/images/image.ts"
import { numberProducts } from "../support/demo-shop/numbered.ts"
import { type SimulatedShop, startSimulatedShop } from "../support/shop/start-shop.ts"

const root = join(import.meta.dirname, "..", "..")
const SHOP_DOMAIN = "larkfield-home.myshopify.com"
// Shown are at most 12; the rest are spares for what is sold out.
const SLATE_SIZE = 16

export type DemoSite = {
  shopId: number
  shop: SimulatedShop
  appUrl: string
  customers: DemoCustomer[]
  /** Items on sale, in the order of the catalogue. */
  items: { item: string; title: string; category: string }[]
  /** True where a trained model serves; without one the fallbacks do. */
  hasModel: boolean
  stopApp(): Promise<void>
  startApp(): Promise<void>
  close(): Promise<void>
}

export async function startDemoSite(): Promise<DemoSite> {
  const nowMs = Date.now()
  const demo = numberProducts(generateDemoShop({ seed: 11, shoppers: 500, days: 45, endMs: nowMs }))
  const folder = mkdtempSync(join(tmpdir(), "throughline-browser-"))
  await writeDemoShop(demo, folder, { images: false })
  const shopId = await ensureShop(SHOP_DOMAIN)
  const options = { nowMs, asideFile: join(folder, "aside.jsonl") }
  await importItems(shopId, join(folder, "items.csv"), options)
  await importEvents(shopId, join(folder, "events.jsonl"), options)
  rmSync(folder, { recursive: true })
  await updateJourneys(shopId, { asOf: new Date(nowMs) })
  await updateBaselines(shopId, { asOf: new Date(nowMs) })
  const model = join(root, "ml", "demo-model")
  const hasModel = existsSync(join(model, "manifest.json"))
  if (hasModel) await publishModel(shopId, await registerModel(shopId, model))

  // Nobody is held out, so that every visit of a test is served.
  await setHoldoutShare(shopId, 0)

  const customers = await demoCustomers(shopId)
  const productByCode = new Map(demo.products.map((product) => [product.code, product]))
  const port = await freePort()
  const appUrl = `http://127.0.0.1:${port}`
  const slates = await defaultSlates(shopId, SLATE_SIZE)
  const shop = await startSimulatedShop({
    appUrl,
    apiKey: String(process.env.SHOPIFY_API_KEY),
    apiSecret: String(process.env.SHOPIFY_API_SECRET),
    shopDomain: SHOP_DOMAIN,
    catalogue: demo.products,
    shoppers: customers,
    image: (code) => {
      const product = productByCode.get(code)
      return product ? productImage(product) : undefined
    },
  })
  for (const { item, slate } of slates)
    shop.setSlate(
      item,
      slate.map((entry) => entry.item),
    )

  let app: ChildProcess | undefined
  const site: DemoSite = {
    shopId,
    shop,
    appUrl,
    customers,
    items: demo.products.filter(({ available }) => available),
    hasModel,
    async startApp() {
      app = await startWeb(port, appUrl, shop.url)
    },
    async stopApp() {
      const stopping = app
      app = undefined
      if (!stopping || stopping.exitCode !== null) return
      const ended = new Promise((resolve) => stopping.once("exit", resolve))
      stopping.kill("SIGTERM")
      await ended
    },
    async close() {
      await site.stopApp()
      await shop.close()
    },
  }
  await site.startApp()
  return site
}

export async function setHoldoutShare(shopId: number, holdoutShare: number): Promise<void> {
  const settings = { experiment: { holdoutShare } }
  await withShop(shopId, (tx) => tx.shop.update({ where: { shopId }, data: { settings } }))
}

/** Starts the real web process and waits until it says that it listens. */
async function startWeb(port: number, appUrl: string, shopUrl: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, "app", "cli", "web.ts")], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      NODE_ENV: "test",
      LOG_LEVEL: "warn",
      HOST: "127.0.0.1",
      PORT: String(port),
      METRICS_PORT: "0",
      SHOPIFY_APP_URL: appUrl,
      SIMULATED_SHOP_URL: shopUrl,
      // A loaded test machine is slow; how fast the model answers is for the benchmark to say.
      SCORER_TIMEOUT_MS: "2000",
    },
  })
  let said = ""
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString()
  })
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", () => resolve())
    child.once("exit", (code) =>
      reject(new Error(`The web process ended with ${code}:\n${said.slice(-4_000)}`)),
    )
  })
  return child
}
