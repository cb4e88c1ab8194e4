/**
 * The one place that knows Shopify's app library: who is asking, for which shop, with which token. A successor of
 * the library is a change in this file (and in the two React imports of routes/app.tsx).
 */
import "@shopify/shopify-app-remix/server/adapters/node"
import { ApiVersion, HttpResponseError, LogSeverity, type Session, shopifyApi } from "@shopify/shopify-api"
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime"
import { AppDistribution, SessionNotFoundError, shopifyApp } from "@shopify/shopify-app-remix/server"
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma"
import { findShop, prismaWithoutShop } from "./db.server.ts"
import { env } from "./env.server.ts"
import { AppError } from "./errors.ts"
import { log } from "./log.server.ts"
import { recordInstall } from "./shop/install.server.ts"
import { type ProxyRequest, verifyProxySignature } from "./shop/proxy-signature.ts"
import { endToken, refreshIfDue } from "./shop/refresh-session.server.ts"
import { sealedSessions } from "./shop/sealed-sessions.server.ts"
import { isSignedUnder } from "./shop/session-token.ts"
import { verifyWebhook, type WebhookHead } from "./shop/webhook-signature.ts"
import { fetchFromShopify } from "./shopify-fetch.server.ts"

export const APP_BRIDGE_URL = "https://cdn.shopify.com/shopifycloud/app-bridge.js"

export const API_VERSION = ApiVersion.July26

const logger = {
  // Below warning the library prints session tokens.
  level: LogSeverity.Warning,
  log: async (severity: LogSeverity, message: string) =>
    severity === LogSeverity.Error
      ? log.error({ from: "shopify" }, message)
      : log.warn({ from: "shopify" }, message),
}

/** @param secret the one that the session tokens it is given are signed under */
function makeApp(secret: string) {
  setAbstractFetchFunc(fetchFromShopify)
  return shopifyApp({
    apiKey: env().SHOPIFY_API_KEY,
    apiSecretKey: secret,
    apiVersion: API_VERSION,
    appUrl: env().SHOPIFY_APP_URL,
    authPathPrefix: "/auth",
    distribution: AppDistribution.AppStore,
    scopes: env().SCOPES.split(","),
    sessionStorage: makeSessionStorage(),
    hooks: {
      afterAuth: async ({ session }) =>
        void (await recordInstall(session.shop, session.scope?.split(",") ?? [], new Date())),
    },
    logger,
    future: { unstable_newEmbeddedAuthStrategy: true, expiringOfflineAccessTokens: true },
  })
}

/** The library takes one secret, so each has an instance. */
const held = new Map<string, ReturnType<typeof makeApp>>()

function app(secret = env().SHOPIFY_API_SECRET) {
  const app = held.get(secret) ?? makeApp(secret)
  held.set(secret, app)
  return app
}

/** Which may have signed what comes from Shopify. What we sign or ask for is under the first one alone. */
function secrets(): readonly string[] {
  const { SHOPIFY_API_SECRET, SHOPIFY_API_SECRET_OLD } = env()
  return SHOPIFY_API_SECRET_OLD ? [SHOPIFY_API_SECRET, SHOPIFY_API_SECRET_OLD] : [SHOPIFY_API_SECRET]
}

function makeSessionStorage() {
  const storage = new PrismaSessionStorage(prismaWithoutShop(), { tableName: "shopifySession" })
  // It looks for its table once, when made, and never again: without a listener a database that is down then would
  // end the process, and a kept failure would outlive the outage.
  Promise.resolve(Reflect.get(storage, "ready")).catch(() => held.clear())
  return sealedSessions(storage)
}

export type AdminRequest = {
  shopId: number
  shopDomain: string
  /** Shopify's number of the member of staff who asks, as the session token names it. */
  staffId: string
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
    // Shopify signs with the old secret until it is revoked.
    const secret = secrets().find((one) => token && isSignedUnder(token.replace(/^bearer /i, ""), one))
    return app(secret).authenticate.admin(request)
  })()
  if (token) waitingByToken.set(token, work)
  try {
    const { session, sessionToken, admin } = await work
    const shop = await findShop(session.shop)
    // It was uninstalled since its session was found.
    if (!shop?.installed) throw new Response(null, { status: 404 })
    return { shopId: shop.shopId, shopDomain: session.shop, staffId: sessionToken.sub, session, admin }
  } catch (thrown) {
    throw thrown instanceof Response ? await withSimulatedBridge(thrown) : thrown
  } finally {
    if (token && waitingByToken.get(token) === work) waitingByToken.delete(token)
  }
}

/**
 * Client of a shop's Admin API outside a request, by its stored offline token, which is renewed when it is due. Null
 * for a shop that has given none, has left, or whose token Shopify no longer renews: somebody must open the app there.
 * @throws AppError `unavailable` where Shopify does not answer
 */
export async function adminOfShop(shopDomain: string): Promise<AdminRequest["admin"] | null> {
  const sessionId = libraryApi().session.getOfflineId(shopDomain)
  const current = async () => {
    if (!(await refreshIfDue(shopDomain, sessionId, renewToken))) return null
    try {
      return await app().unauthenticated.admin(shopDomain)
    } catch (error) {
      if (error instanceof SessionNotFoundError) return null
      throw error
    }
  }
  const first = await current()
  if (!first) return null
  let given = first
  type Ask = AdminRequest["admin"]["graphql"]
  const graphql = async (...asked: Parameters<Ask>) => {
    const { admin, session } = given
    try {
      return await admin.graphql(...asked)
    } catch (error) {
      // Long work outlasts a token, and Shopify may end one before its hour (a revoked secret, a wrong clock).
      if (!(error instanceof HttpResponseError) || error.response.code !== 401) throw error
      await endToken(session)
      const renewed = await current()
      if (!renewed) throw error
      given = renewed
      return renewed.admin.graphql(...asked)
    }
  }
  return { graphql: graphql as Ask }
}

let heldApi: ReturnType<typeof makeLibraryApi> | undefined

function libraryApi() {
  heldApi ??= makeLibraryApi()
  return heldApi
}

function makeLibraryApi() {
  const { SHOPIFY_API_KEY, SHOPIFY_API_SECRET, SHOPIFY_APP_URL } = env()
  // Makes the functions that send requests go our way too.
  app()
  return shopifyApi({
    apiKey: SHOPIFY_API_KEY,
    apiSecretKey: SHOPIFY_API_SECRET,
    apiVersion: API_VERSION,
    hostName: new URL(SHOPIFY_APP_URL).host,
    isEmbeddedApp: true,
    logger,
  })
}

async function renewToken(shop: string, refreshToken: string): Promise<Session | "refused"> {
  try {
    return (await libraryApi().auth.refreshToken({ shop, refreshToken })).session
  } catch (cause) {
    // What is wrong with us and not with the token (a wrong client secret) passes when it is mended.
    if (cause instanceof HttpResponseError && cause.response.code === 400) {
      const { error } = Object(cause.response.body)
      if (error !== "invalid_client") return "refused"
    }
    throw new AppError("unavailable", "Expected Shopify to renew a shop's token. It is tried again.", {
      cause,
    })
  }
}

/**
 * Which shop and customer a storefront request speaks for. No look-up: this is the storefront's hot path.
 * @throws AppError `unauthenticated`
 */
export function verifyProxyRequest(url: URL): ProxyRequest {
  return verifyProxySignature(url, secrets(), Date.now())
}

/**
 * What a webhook is about. Needs no token and no database.
 * @throws AppError `unauthenticated`, `bad_request`
 */
export function verifyWebhookRequest(headers: Headers, body: Uint8Array): WebhookHead {
  return verifyWebhook(headers, body, secrets())
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
