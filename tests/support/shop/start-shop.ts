/**
 * A shop on this machine that does for the app what Shopify does: a storefront that renders the extension's own
 * Liquid, the signed app proxy, the Storefront and Admin APIs, webhooks, and the admin with its install button. For
 * the demo and for tests; nothing of it is part of the product.
 */

import type { AddressInfo } from "node:net"
import express, { type Express } from "express"
import { AppError } from "../../../app/errors.ts"
import { type AdminKnobs, type MountedAdmin, mountAdmin } from "./admin/mount-admin.ts"
import { mountAdminPages } from "./admin-routes.ts"
import { forwardToApp } from "./app-proxy.ts"
import type { BlockSettings } from "./block.ts"
import { makePages, readSlate, type ShopIdentity } from "./pages.ts"
import { requestedScopes } from "./requested-scopes.ts"
import { liveCatalogue } from "./shop-catalogue.ts"
import { makeShopState, type ShopState } from "./state.ts"
import { type StockItem, stockShop } from "./stock-shop.ts"
import { mountStorefront, page } from "./storefront-routes.ts"
import { readVisit } from "./visit.ts"
import type { SenderKnobs } from "./webhooks/sender-knobs.ts"
import { startWebhookSender, type WebhookSender } from "./webhooks/webhook-sender.ts"

export type SimulatedShopOptions = {
  /** Where the app listens: the proxy forwards there, the admin frames it. May be a function, if it starts later. */
  appUrl: string | (() => string)
  apiKey: string
  apiSecret: string
  shopDomain: string
  /** The shop as it is already; without it one is made and stocked with `catalogue`. */
  state?: ShopState
  catalogue?: readonly StockItem[]
  /** Whether the app is installed already. Default true. */
  installed?: boolean
  /** What the install grants; by default what shopify.app.toml asks for. */
  scopes?: readonly string[]
  name?: string
  currency?: string
  shoppers?: ShopIdentity["shoppers"]
  /** SVG of a product, by the merchant's code for it; what has none gets a placeholder. */
  image?: (code: string) => string | undefined
  blockSettings?: BlockSettings
  /** Whether changes of the shop are sent to the app, and how. Default: they are not. */
  webhooks?: Partial<SenderKnobs>
  admin?: AdminKnobs
  /** 0, the default, takes a free one. */
  port?: number
}

export type SimulatedShop = {
  url: string
  state: ShopState
  admin: MountedAdmin
  /** Null where the shop sends none. */
  webhooks: WebhookSender | null
  /** Address of an item's page. */
  productUrl(item: string): string
  /** Address that makes the browser this customer, with consent given, and goes on to `path`. */
  visitAs(customerId: string | null, path: string): string
  /** Address of the embedded app in the admin. */
  adminUrl(appPath?: string): string
  /** The default slate of an item, as the app's metafield holds it. */
  slateOf(item: string): string[] | undefined
  setSlate(item: string, slate: readonly string[]): void
  close(): Promise<void>
}

const DEMO_DOMAIN = "larkfield-home.myshopify.com"

export async function startSimulatedShop(options: SimulatedShopOptions): Promise<SimulatedShop> {
  const { apiSecret, shopDomain } = options
  const appUrl = () => (typeof options.appUrl === "string" ? options.appUrl : options.appUrl())
  const state = options.state ?? newState(options)
  const scopes = options.scopes ?? requestedScopes()
  if (options.installed !== false && state.store.installation.installedAtMs === null) state.install(scopes)
  const catalogue = liveCatalogue(state)
  const items = [...catalogue().byItem.values()]
  const { name, currency } = state.store.shop
  const pages = makePages({
    shop: {
      name,
      currency,
      imported: shopDomain !== DEMO_DOMAIN,
      shoppers: options.shoppers ?? [],
      has_prices: items.some((item) => item.priceCents > 0),
    },
    state,
    catalogue,
    ...(options.blockSettings ? { blockSettings: options.blockSettings } : {}),
  })
  const webhooks = options.webhooks ? startWebhookSender({ state, appUrl, knobs: options.webhooks }) : null

  const server = express()
  server.disable("x-powered-by")
  mountStorefront(server, { state, catalogue, pages, image: options.image })
  server.use("/apps/throughline", (request, response) =>
    forwardToApp(
      { appUrl: appUrl(), apiSecret, shopDomain, customerId: readVisit(request).customerId },
      request,
      response,
    ),
  )
  const admin = mountAdmin(server, state, options.admin)
  mountAdminPages(server, { state, appUrl, scopes })
  server.use(page((r) => pages.missing(readVisit(r), r.originalUrl)))

  const { url, close } = await listen(server, options.port ?? 0)
  return {
    url,
    state,
    admin,
    webhooks,
    productUrl: (item) => `${url}/products/${catalogue().byItem.get(item)?.handle ?? ""}`,
    visitAs: (customerId, path) => `${url}/demo/as/${customerId ?? "none"}?to=${encodeURIComponent(path)}`,
    adminUrl: (appPath) => `${url}/admin${appPath ? `/apps/throughline${appPath}` : ""}`,
    slateOf: (item) => readSlate(state, item),
    setSlate: (item, slate) => void state.setMetafield(slateMetafield(item, slate)),
    close: async () => {
      webhooks?.stop()
      await close()
    },
  }
}

function slateMetafield(item: string, slate: readonly string[]) {
  return {
    ownerId: `gid://shopify/Product/${item}`,
    namespace: "$app",
    key: "recommendations",
    type: "list.product_reference",
    value: JSON.stringify(slate.map((other) => `gid://shopify/Product/${other}`)),
  }
}

function newState(options: SimulatedShopOptions): ShopState {
  const items = options.catalogue ?? []
  const state = makeShopState({
    domain: options.shopDomain,
    apiKey: options.apiKey,
    apiSecret: options.apiSecret,
    name: options.name ?? nameOf(options.shopDomain),
    currency: options.currency ?? items.find((item) => item.currency)?.currency ?? "GBP",
  })
  stockShop(state, items)
  return state
}

async function listen(server: Express, port: number): Promise<{ url: string; close: () => Promise<void> }> {
  const listening = await new Promise<ReturnType<typeof server.listen>>((resolve, reject) => {
    const opened = server.listen(port, "127.0.0.1", () => resolve(opened))
    opened.on("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new AppError(
          "bad_request",
          `The storefront cannot listen on port ${port} (${cause.code}). Give another one with --port, or leave it out for a free one.`,
          { cause },
        ),
      ),
    )
  })
  return {
    url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        listening.close(() => resolve())
        listening.closeAllConnections()
      }),
  }
}

/** `online-retail.myshopify.com` → `Online Retail` */
function nameOf(domain: string): string {
  const words = domain.replace(/\..*$/, "").split("-")
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(" ")
}
