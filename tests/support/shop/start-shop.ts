/**
 * A shop on this machine that does for the app what Shopify does: a storefront that renders the extension's own
 * Liquid, the signed app proxy, the Storefront API, the admin frame with session tokens, and the server side of the
 * admin. For the demo and for tests; nothing of it is part of the product.
 */

import type { AddressInfo } from "node:net"
import { join } from "node:path"
import express, { type Request, type Response } from "express"
import type { PlainItem } from "../../../app/capture/event.ts"
import { AppError } from "../../../app/errors.ts"
import { type AdminOptions, answerAdminQuery, exchangeToken, makeSessionToken } from "./admin-api.ts"
import { adminPage, appBridgeScript } from "./admin-frame.ts"
import { forwardToApp } from "./app-proxy.ts"
import { type BlockSettings, extensionFolder } from "./block.ts"
import { makePages, type Rendered, type ShopIdentity } from "./pages.ts"
import { placeholderImage } from "./placeholder-image.ts"
import { makeShopCatalogue } from "./shop-catalogue.ts"
import { answerStorefrontQuery } from "./storefront-api.ts"
import { keep, readVisit } from "./visit.ts"

export type SimulatedShopOptions = {
  /** Where the app listens: the proxy forwards there, the admin frames it. May be a function, if it starts later. */
  appUrl: string | (() => string)
  apiKey: string
  apiSecret: string
  shopDomain: string
  catalogue: readonly PlainItem[]
  /** Item → the items of its default slate, as the app's metafield holds them. The app may write it later. */
  slates: Map<string, string[]>
  name?: string
  currency?: string
  shoppers?: ShopIdentity["shoppers"]
  /** SVG of an item; what has none gets a placeholder. */
  image?: (item: string) => string | undefined
  blockSettings?: BlockSettings
  /** 0, the default, takes a free one. */
  port?: number
}

export type SimulatedShop = {
  url: string
  /** Address of an item's page. */
  productUrl(item: string): string
  /** Address that makes the browser this customer, with consent given, and goes on to `path`. */
  visitAs(customerId: string | null, path: string): string
  /** Address of the embedded app in the admin. */
  adminUrl(appPath?: string): string
  slates: Map<string, string[]>
  close(): Promise<void>
}

const DEMO_DOMAIN = "larkfield-home.myshopify.com"

export async function startSimulatedShop(options: SimulatedShopOptions): Promise<SimulatedShop> {
  const { slates, apiKey, apiSecret, shopDomain } = options
  const appUrl = () => (typeof options.appUrl === "string" ? options.appUrl : options.appUrl())
  const items = options.catalogue.map((item) => ({
    ...item,
    image: `/images/${encodeURIComponent(item.item)}.svg`,
  }))
  const catalogue = makeShopCatalogue(items)
  const shop = {
    name: options.name ?? nameOf(shopDomain),
    imported: shopDomain !== DEMO_DOMAIN,
    currency: options.currency ?? items.find((item) => item.currency)?.currency ?? "GBP",
    shoppers: options.shoppers ?? [],
    has_prices: items.some((item) => item.priceCents !== undefined),
  }
  const admin: AdminOptions = { apiKey, apiSecret, shopDomain, shopName: shop.name, currency: shop.currency }
  const pages = makePages({
    shop,
    catalogue,
    slates,
    ...(options.blockSettings ? { blockSettings: options.blockSettings } : {}),
  })

  const server = express()
  server.disable("x-powered-by")
  const page = (make: (request: Request) => Promise<Rendered>) => (request: Request, response: Response) =>
    make(request).then(
      ({ status, html }) => response.status(status).set("Cache-Control", "no-store").type("html").send(html),
      (error: Error) => response.status(500).type("text").send(error.stack),
    )
  const visitOf = (request: Request) => readVisit(request)
  const text = (value: unknown) => (typeof value === "string" ? value : "")

  server.get(
    "/",
    page((r) => pages.home(visitOf(r), r.originalUrl)),
  )
  server.get(
    "/collections/:handle",
    page((r) => pages.collection(text(r.params.handle), Number(r.query.page), visitOf(r), r.originalUrl)),
  )
  server.get(
    "/products/:handle",
    page((r) => pages.product(text(r.params.handle), visitOf(r), r.originalUrl)),
  )
  server.get(
    "/search",
    page((r) => pages.search(text(r.query.q).slice(0, 100), visitOf(r), r.originalUrl)),
  )
  server.get(
    "/cart",
    page((r) => pages.cart(visitOf(r), r.originalUrl)),
  )
  server.get(
    "/checkout",
    page((r) => pages.checkout(visitOf(r), r.originalUrl)),
  )
  server.get(
    "/thanks",
    page((r) => pages.thanks(visitOf(r), r.originalUrl)),
  )
  server.use("/assets", express.static(join(import.meta.dirname, "theme", "assets")))
  server.use("/extensions", express.static(join(extensionFolder, "assets")))
  server.get("/images/:file", (request, response) => {
    const product = catalogue.byItem.get(text(request.params.file).replace(/\.svg$/, ""))
    if (!product) return void response.status(404).end()
    response.type("svg").set("Cache-Control", "max-age=3600")
    response.send(options.image?.(product.item) ?? placeholderImage(product.title))
  })

  const form = express.urlencoded({ extended: false, limit: "10kb" })
  const backTo = (request: Request) => localPath(request.body?.to)
  const changeCart = (
    request: Request,
    response: Response,
    change: (cart: Map<string, number>, item: string) => void,
  ) => {
    const { cart } = visitOf(request)
    const item = text(request.body.item)
    if (catalogue.byItem.get(item)) change(cart, item)
    keep(response, "cart", JSON.stringify(Object.fromEntries(cart)))
    response.redirect(303, "/cart")
  }
  server.post("/cart/add", form, (request, response) => {
    const quantity = Math.min(20, Math.max(1, Math.trunc(Number(request.body.quantity)) || 1))
    changeCart(request, response, (cart, item) => cart.set(item, (cart.get(item) ?? 0) + quantity))
  })
  server.post("/cart/remove", form, (request, response) =>
    changeCart(request, response, (cart, item) => cart.delete(item)),
  )
  server.post("/checkout", (_request, response) => {
    keep(response, "cart", "")
    response.redirect(303, "/thanks")
  })
  server.post("/demo/customer", form, (request, response) => {
    const customer = text(request.body.customer)
    keep(response, "customer", /^\d{1,20}$/.test(customer) ? customer : "")
    if (customer) keep(response, "consent", "yes")
    response.redirect(303, backTo(request))
  })
  server.post("/demo/consent", form, (request, response) => {
    keep(response, "consent", request.body.consent === "yes" ? "yes" : "no")
    response.redirect(303, backTo(request))
  })
  server.post("/demo/locale", form, (request, response) => {
    keep(response, "locale", request.body.locale === "zh-CN" ? "zh-CN" : "en")
    response.redirect(303, backTo(request))
  })
  server.get("/demo/as/:customer", (request, response) => {
    const customer = text(request.params.customer)
    keep(response, "customer", /^\d{1,20}$/.test(customer) ? customer : "")
    keep(response, "consent", "yes")
    response.redirect(303, localPath(request.query.to))
  })

  server.use("/apps/throughline", (request, response) =>
    forwardToApp(
      { appUrl: appUrl(), apiSecret, shopDomain, customerId: visitOf(request).customerId },
      request,
      response,
    ),
  )
  const json = express.json({ limit: "1mb" })
  server.post("/api/:version/graphql.json", json, (request, response) => {
    response.json(answerStorefrontQuery(request.body, (item) => catalogue.byItem.get(item), shop.currency))
  })
  server.post("/admin/oauth/access_token", json, form, (request, response) => {
    const answer = exchangeToken(request.body, admin)
    response.status(answer.status).json(answer.body)
  })
  server.post("/admin/api/:version/graphql.json", json, (request, response) => {
    response.json(answerAdminQuery(request.body, admin, slates))
  })
  server.get("/admin/session-token", (_request, response) => {
    response.set({ "Access-Control-Allow-Origin": new URL(appUrl()).origin, "Cache-Control": "no-store" })
    response.type("text").send(makeSessionToken(admin, Date.now()))
  })
  server.get("/app-bridge.js", (_request, response) => {
    response.set("Access-Control-Allow-Origin", "*").type("js").send(appBridgeScript)
  })
  server.get(/^\/admin(?:\/apps\/throughline(\/.*)?)?$/, (request, response) => {
    const path = request.params[0] ?? "/app"
    response.type("html").send(adminPage({ ...admin, appUrl: appUrl() }, path, Date.now()))
  })
  server.use(page((r) => pages.missing(visitOf(r), r.originalUrl)))

  const listening = await new Promise<ReturnType<typeof server.listen>>((resolve, reject) => {
    const opened = server.listen(options.port ?? 0, "127.0.0.1", () => resolve(opened))
    opened.on("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new AppError(
          "bad_request",
          `The storefront cannot listen on port ${options.port ?? 0} (${cause.code}). Give another one with --port, or leave it out for a free one.`,
          { cause },
        ),
      ),
    )
  })
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  return {
    url,
    productUrl: (item) => `${url}/products/${catalogue.byItem.get(item)?.handle ?? ""}`,
    visitAs: (customerId, path) => `${url}/demo/as/${customerId ?? "none"}?to=${encodeURIComponent(path)}`,
    adminUrl: (appPath) => `${url}/admin${appPath ? `/apps/throughline${appPath}` : ""}`,
    slates,
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

/** A path of this shop, whatever came. */
function localPath(value: unknown): string {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : "/"
}
