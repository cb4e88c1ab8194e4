/** What every storefront request passes: Shopify's signature, the shop, bots, and limits. */
import { isbot } from "isbot"
import { AppError } from "../errors.ts"
import { knownShop } from "../shop/known-shops.server.ts"
import { verifyProxyRequest } from "../shopify.server.ts"
import { makeTokenBucket } from "./token-bucket.ts"

export type ProxyVisit = {
  shopId: number
  /** Shopify's customer id, from its signature alone. */
  customer: string | null
  bot: boolean
}

// More than one process answers: a flood at one shop must not take the time of the others. Past any of these limits
// the storefront keeps its default slates.
const perShop = makeTokenBucket({ perSecond: 2_000, burst: 10_000, maxKeys: 10_000 })
// Many people may share an address (an office, a mobile carrier).
const perAddress = makeTokenBucket({ perSecond: 50, burst: 300, maxKeys: 100_000 })
// A page asks once and tells a few things; a person opens a page a second at the very most.
const perVisitor = makeTokenBucket({ perSecond: 10, burst: 100, maxKeys: 100_000 })

/** @throws AppError `unauthenticated`, `not_found`, `too_many` */
export async function admitProxyRequest(request: Request): Promise<ProxyVisit> {
  const { shopDomain, loggedInCustomerId } = verifyProxyRequest(new URL(request.url))
  const nowMs = Date.now()
  const address = request.headers.get("x-forwarded-for")?.split(",")[0]?.trim()
  if (address && !perAddress.take(`${shopDomain} ${address}`, nowMs)) throw tooMany()
  if (!perShop.take(shopDomain, nowMs)) throw tooMany()
  const bot = isbot(request.headers.get("user-agent"))
  return { shopId: await installedShop(shopDomain, nowMs), customer: loggedInCustomerId, bot }
}

/** @throws AppError `too_many` where one browser asks more than a person can */
export function admitVisitor(visit: ProxyVisit, browser: string): void {
  if (!perVisitor.take(`${visit.shopId} ${browser}`, Date.now())) throw tooMany()
}

function tooMany(): AppError {
  return new AppError("too_many", "Expected fewer requests from this storefront. Wait a few seconds.")
}

async function installedShop(domain: string, nowMs: number): Promise<number> {
  const shop = await knownShop(domain, nowMs)
  if (!shop?.installed)
    throw new AppError(
      "not_found",
      "Expected a shop that has installed Throughline. Open the app in its admin once.",
    )
  return shop.shopId
}

/** The names by which this visit may be known: the browser's own, and the customer's when Shopify signed it. */
export function visitIdentities(
  visit: ProxyVisit,
  browser: string | null,
): { kind: "browser" | "customer"; name: string }[] {
  // Without consent there is no browser name, and then nobody is known: not the customer either.
  if (browser === null) return []
  const own = { kind: "browser" as const, name: browser }
  return visit.customer === null ? [own] : [{ kind: "customer" as const, name: visit.customer }, own]
}
