/**
 * A shop that the app is not in yet, with a past of its own, and the app's web and worker beside it: what a newcomer
 * finds. What people looked at before is imported from a log, as the demo does; the rest is for the install to bring.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { importEvents } from "../../app/capture/import-events.server.ts"
import { linkCustomers } from "../../app/cli/demo/link-customers.ts"
import { openSite, type Site } from "../../app/cli/demo/site.ts"
import { ensureShop, withShop } from "../../app/db.server.ts"
import { publishModel, registerModel } from "../../app/scoring/registry.server.ts"
import { eventLines } from "../support/demo-shop/files.ts"
import { generateDemoShop } from "../support/demo-shop/generate.ts"
import { productImage } from "../support/demo-shop/images/image.ts"
import { numberProducts } from "../support/demo-shop/numbered.ts"
import { demoModelFolder } from "../support/serving-shop.ts"
import { addPast, browsingOf, type NamedCustomer } from "../support/shop/demo-past.ts"
import { makeShopState } from "../support/shop/state.ts"
import { stockShop } from "../support/shop/stock-shop.ts"

const DOMAIN = "larkfield-home.myshopify.com"
const DAY_MS = 86_400_000

export type NewShop = {
  shopId: number
  site: Site
  customers: NamedCustomer[]
  close(): Promise<void>
}

export async function openNewShop(): Promise<NewShop> {
  const nowMs = Date.now()
  const demo = numberProducts(generateDemoShop({ seed: 5, shoppers: 400, days: 40, endMs: nowMs }))
  const state = makeShopState({
    domain: DOMAIN,
    name: "Larkfield Home",
    apiKey: String(process.env.SHOPIFY_API_KEY),
    apiSecret: String(process.env.SHOPIFY_API_SECRET),
  })
  stockShop(state, demo.products, nowMs - 50 * DAY_MS)
  const customers = addPast(state, demo)

  const folder = mkdtempSync(join(tmpdir(), "throughline-new-shop-"))
  const [events, names] = [join(folder, "events.jsonl"), join(folder, "customers.json")]
  writeFileSync(events, [...eventLines(browsingOf(demo.events))].join(""))
  writeFileSync(names, JSON.stringify(customers))
  const shopId = await ensureShop(DOMAIN)
  // Nobody is held out, so that every visit of a test is served.
  const settings = { experiment: { holdoutShare: 0 } }
  await withShop(shopId, (tx) => tx.shop.update({ where: { shopId }, data: { settings } }))
  await importEvents(shopId, events, { nowMs, asideFile: join(folder, "aside.jsonl") })
  await linkCustomers(shopId, names)
  rmSync(folder, { recursive: true })
  await publishModel(shopId, await registerModel(shopId, demoModelFolder))

  const pictures = new Map(demo.products.map((product) => [product.code, product]))
  const site = await openSite({
    domain: DOMAIN,
    state,
    installed: false,
    webhooks: {},
    shoppers: customers.slice(0, 3).map(({ id }, index) => ({ id, label: `Customer ${index + 1}` })),
    image: (code) => {
      const product = pictures.get(code)
      return product ? productImage(product) : undefined
    },
    port: 0,
    // A loaded test machine is slow; how fast the model answers is for the benchmark to say.
    environment: { NODE_ENV: "test", SCORER_TIMEOUT_MS: "2000" },
  })
  return { shopId, site, customers, close: () => site.close() }
}
