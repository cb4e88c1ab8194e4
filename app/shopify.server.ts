/**
 * The one place that knows Shopify's app library: who is asking, for which shop, with which token. A successor of
 * the library is a change in this file (and in the two React imports of routes/app.tsx).
 */
import "@shopify/shopify-app-remix/server/adapters/node"
import { ApiVersion, LogSeverity, type Session } from "@shopify/shopify-api"
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime"
import { AppDistribution, SessionNotFoundError, shopifyApp } from "@shopify/shopify-app-remix/server"
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma"
import { ensureShop, prismaWithoutShop, shopIdOf } from "./db.server.ts"
import { env } from "./env.server.ts"
import { log } from "./log.server.ts"
import { type ProxyRequest, verifyProxySignature } from "./shop/proxy-signature.ts"
import { sealedSessions } from "./shop/sealed-sessions.server.ts"

export const APP_BRIDGE_URL = "https://cdn.shopify.com/shopifycloud/app-bridge.js"

function makeApp() {
  if (env().SIMULATED_SHOP_URL) setAbstractFetchFunc(fetchFromSimulatedShop)
  return shopifyApp({
    apiKey: env().SHOPIFY_API_KEY,
    apiSecretKey: env().SHOPIFY_API_SECRET,
    apiVersion: ApiVersion.July26,
    appUrl: env().SHOPIFY_APP_URL,
    authPathPrefix: "/auth",
    distribution: AppDistribution.AppStore,
    scopes: env().SCOPES.split(","),
    sessionStorage: makeSessionStorage(),
    hooks: {
      // A shop that comes back after an uninstall counts as installed again.
      afterAuth: async ({ session }) => void (await ensureShop(session.shop)),
    },
    logger: {
      // Below warning the library prints session tokens.
      level: LogSeverity.Warning,
      log: async (severity, message) =>
        severity === LogSeverity.Error
          ? log.error({ from: "shopify" }, message)
          : log.warn({ from: "shopify" }, message),
    },
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
  })
}

let held: ReturnType<typeof makeApp> | undefined

function app() {
  held ??= makeApp()
  return held
}

function makeSessionStorage() {
  const storage = new PrismaSessionStorage(prismaWithoutShop(), { tableName: "shopifySession" })
  // It looks for its table once, when made, and never again: without a listener a database that is down then would
  // end the process, and a kept failure would outlive the outage.
  Promise.resolve(Reflect.get(storage, "ready")).catch(() => {
    held = undefined
  })
  return sealedSessions(storage)
}

export type AdminRequest = {
  shopId: number
  shopDomain: string
  session: Session
  /** Client of the shop's Admin GraphQL API. */
  admin: Awaited<ReturnType<ReturnType<typeof makeApp>["authenticate"]["admin"]>>["admin"]
}

const waitingByToken = new Map<string, Promise<unknown>>()

/**
 * Who asks for an admin page. The shop comes from the verified session token and from nothing else.
 * @throws Response (a redirect to fetch a token, 401, 410 for bots): let it through to Remix
 */
export async function authenticateAdmin(request: Request): Promise<AdminRequest> {
  const token = request.headers.get("authorization") ?? new URL(request.url).searchParams.get("id_token")
  // Remix runs the loaders of a page side by side: without a queue each would exchange the same new token.
  const before = token ? waitingByToken.get(token) : undefined
  const work = (async () => {
    await before?.catch(() => undefined)
    return app().authenticate.admin(request)
  })()
  if (token) waitingByToken.set(token, work)
  try {
    const { session, admin } = await work
    const shopId = (await shopIdOf(session.shop)) ?? (await ensureShop(session.shop))
    return { shopId, shopDomain: session.shop, session, admin }
  } catch (thrown) {
    throw thrown instanceof Response ? await withSimulatedBridge(thrown) : thrown
  } finally {
    if (token && waitingByToken.get(token) === work) waitingByToken.delete(token)
  }
}

/** Client of a shop's Admin API outside a request, by its stored offline token; null for a shop that has given none. */
export async function adminOfShop(shopDomain: string): Promise<AdminRequest["admin"] | null> {
  try {
    return (await app().unauthenticated.admin(shopDomain)).admin
  } catch (error) {
    if (error instanceof SessionNotFoundError) return null
    throw error
  }
}

/**
 * Which shop and customer a storefront request speaks for. No look-up: this is the storefront's hot path.
 * @throws AppError `unauthenticated`
 */
export function verifyProxyRequest(url: URL): ProxyRequest {
  return verifyProxySignature(url, env().SHOPIFY_API_SECRET, Date.now())
}

/** Headers of a page inside Shopify's admin: who may frame it. */
export function addDocumentHeaders(request: Request, headers: Headers): void {
  app().addDocumentResponseHeaders(request, headers)
  letSimulatedAdminFrame(headers)
}

/** What the admin's pages need to load App Bridge. */
export function appBridge(): { apiKey: string; scriptUrl: string } {
  const simulated = env().SIMULATED_SHOP_URL
  return {
    apiKey: env().SHOPIFY_API_KEY,
    scriptUrl: simulated ? new URL("/app-bridge.js", simulated).href : APP_BRIDGE_URL,
  }
}

/** Only where env allows a simulated shop: what would go to a shop goes to the loopback server. */
async function fetchFromSimulatedShop(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input)
  const simulated = env().SIMULATED_SHOP_URL
  if (!simulated || !url.hostname.endsWith(".myshopify.com")) return fetch(input, init)
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
  headers.set("x-simulated-shop", url.hostname)
  return fetch(new URL(url.pathname + url.search, simulated), { ...init, headers })
}

/** The library's own pages (token bounce, leaving the frame) name Shopify's script. */
async function withSimulatedBridge(response: Response): Promise<Response> {
  if (!env().SIMULATED_SHOP_URL || !response.headers.get("content-type")?.includes("html")) return response
  const headers = new Headers(response.headers)
  letSimulatedAdminFrame(headers)
  const body = (await response.text()).replaceAll(APP_BRIDGE_URL, appBridge().scriptUrl)
  return new Response(body, { status: response.status, headers })
}

function letSimulatedAdminFrame(headers: Headers): void {
  const simulated = env().SIMULATED_SHOP_URL
  if (!simulated) return
  // It would preload Shopify's own App Bridge.
  headers.delete("Link")
  const policy = headers.get("Content-Security-Policy")
  if (policy)
    headers.set(
      "Content-Security-Policy",
      policy.replace("frame-ancestors", `frame-ancestors ${new URL(simulated).origin}`),
    )
}
