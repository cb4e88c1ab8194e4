/** The demo's processes: the simulated shop in this one, web (with its scorer) and worker as children. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type SimulatedShop, startSimulatedShop } from "../../../tests/support/shop/start-shop.ts"
import { withShop } from "../../db.server.ts"
import { env } from "../../env.server.ts"
import { defaultSlates } from "../../recommend/default-slates.server.ts"
import { startScorer, stopScorer } from "../../scoring/scorer.server.ts"
import { startProcess } from "../child-process.ts"
import { freePort } from "../embedded-postgres.ts"
import { startProgress } from "../progress.ts"
import type { DemoCustomer } from "./demo-customers.ts"

export type Site = {
  shop: SimulatedShop
  shopId: number
  close(): Promise<void>
}

/** Shown are at most 12; the rest are spares for what is sold out. */
const SLATE_SIZE = 16

export async function openSite(options: {
  shopId: number
  domain: string
  /** Holds images/ITEM.svg, or null. */
  folder: string | null
  customers: readonly DemoCustomer[]
  port: number
}): Promise<Site> {
  const { shopId, domain, folder, customers } = options
  const preparing = startProgress("Default slates")
  startScorer()
  const slates = await defaultSlates(shopId, SLATE_SIZE)
  await stopScorer()
  preparing.end(`${slates.length} products`)

  const starting = startProgress("Starting web, worker, scorer and storefront")
  const webPort = await freePort()
  const appUrl = `http://127.0.0.1:${webPort}`
  const shop = await startSimulatedShop({
    appUrl,
    apiKey: env().SHOPIFY_API_KEY,
    apiSecret: env().SHOPIFY_API_SECRET,
    shopDomain: domain,
    catalogue: await readCatalogue(shopId),
    slates: new Map(slates.map(({ item, slate }) => [item, slate.map((entry) => entry.item)])),
    shoppers: customers,
    port: options.port,
    image: (item) => {
      const file = join(folder ?? "", "images", `${item}.svg`)
      return folder && existsSync(file) ? readFileSync(file, "utf8") : undefined
    },
  })
  const environment = {
    NODE_ENV: "development",
    HOST: "127.0.0.1",
    PORT: String(webPort),
    METRICS_PORT: "0",
    SHOPIFY_APP_URL: appUrl,
    SIMULATED_SHOP_URL: shop.url,
  }
  const cli = join(import.meta.dirname, "..")
  const started = await Promise.allSettled([
    startProcess("web", join(cli, "web.ts"), environment),
    startProcess("worker", join(cli, "worker.ts"), environment),
  ])
  const close = async () => {
    await Promise.all(started.map((child) => (child.status === "fulfilled" ? child.value.stop() : undefined)))
    await shop.close()
  }
  for (const child of started) {
    if (child.status === "fulfilled") continue
    await close()
    throw child.reason
  }
  starting.end()
  return { shop, shopId, close }
}

async function readCatalogue(shopId: number) {
  const products = await withShop(shopId, (tx) => tx.product.findMany({ orderBy: { productId: "asc" } }))
  return products.map((product) => ({
    item: product.externalId,
    title: product.title,
    description: product.description,
    category: product.category,
    brand: product.brand,
    available: product.available,
    ...(product.priceCents === null ? {} : { priceCents: product.priceCents }),
    ...(product.currency === null ? {} : { currency: product.currency }),
  }))
}
