/** The demo's processes: the simulated shop in this one, web (with its scorer) and worker as children. */
import { join } from "node:path"
import { requestedScopes } from "../../../tests/support/shop/requested-scopes.ts"
import {
  type SimulatedShop,
  type SimulatedShopOptions,
  startSimulatedShop,
} from "../../../tests/support/shop/start-shop.ts"
import { env } from "../../env.server.ts"
import { startProcess } from "../child-process.ts"
import { freePort } from "../embedded-postgres.ts"

export type Site = {
  shop: SimulatedShop
  appUrl: string
  /** Ends web and worker, and begins them again. */
  restartApp(): Promise<void>
  close(): Promise<void>
}

export type SiteOptions = Pick<
  SimulatedShopOptions,
  "state" | "catalogue" | "image" | "shoppers" | "installed" | "webhooks" | "admin" | "port"
> & {
  domain: string
  /** Orders of more than the last 60 days too. */
  allOrders?: boolean
  /** Beside what every such process gets. */
  environment?: Record<string, string>
}

export async function openSite({ domain, allOrders, environment, ...options }: SiteOptions): Promise<Site> {
  const webPort = await freePort()
  const appUrl = `http://127.0.0.1:${webPort}`
  const scopes = [...requestedScopes(), ...(allOrders ? ["read_all_orders"] : [])]
  const shop = await startSimulatedShop({
    ...options,
    appUrl,
    apiKey: env().SHOPIFY_API_KEY,
    apiSecret: env().SHOPIFY_API_SECRET,
    shopDomain: domain,
    scopes,
  })
  const start = () =>
    startApp({
      NODE_ENV: "development",
      HOST: "127.0.0.1",
      PORT: String(webPort),
      METRICS_PORT: "0",
      SHOPIFY_APP_URL: appUrl,
      SIMULATED_SHOP_URL: shop.url,
      SCOPES: scopes.join(","),
      ...environment,
    })
  let app: Awaited<ReturnType<typeof startApp>>
  try {
    app = await start()
  } catch (error) {
    await shop.close()
    throw error
  }
  return {
    shop,
    appUrl,
    restartApp: async () => {
      await app.stop()
      app = await start()
    },
    close: async () => {
      await app.stop()
      await shop.close()
    },
  }
}

/** Web and worker; when one does not start, neither is left. */
async function startApp(environment: Record<string, string>) {
  const cli = join(import.meta.dirname, "..")
  const started = await Promise.allSettled([
    startProcess("web", join(cli, "web.ts"), environment),
    startProcess("worker", join(cli, "worker.ts"), environment),
  ])
  const stop = async () => {
    await Promise.all(started.map((child) => (child.status === "fulfilled" ? child.value.stop() : undefined)))
  }
  for (const child of started) {
    if (child.status === "fulfilled") continue
    await stop()
    throw child.reason
  }
  return { stop }
}
