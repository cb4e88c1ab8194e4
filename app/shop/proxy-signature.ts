/**
 * Verifies a request that Shopify's app proxy signed. Shopify signs `key=value` pairs, sorted by key and joined
 * with nothing between, with HMAC-SHA256 under the app's secret (shopify.dev, "Authenticate app proxies").
 *
 * Limits of that scheme, and what is done about each:
 * - Nothing separates the pairs, so one signature fits several splittings of the same text: `a=1b=2` may be a = "1b=2"
 *   or a = "1", b = "2". Hence every name that we trust must be there exactly once and have its exact form.
 * - A signature may be sent again. It is taken for 90 seconds only; what a request does must be harmless twice.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { AppError } from "../errors.ts"
import { isShopDomain } from "./shop-domain.ts"

export type ProxyRequest = {
  shopDomain: string
  /** Shopify's customer id; null for a visitor who is not logged in. */
  loggedInCustomerId: string | null
}

// The tolerance of Shopify's own library.
const TOLERANCE_SECONDS = 90

/** Where the storefront reaches the app: /apps/throughline, as shopify.app.toml says. */
export const PROXY_PATH_PREFIX = "/apps/throughline"

// Twenty digits hold any 64-bit id.
const CUSTOMER_ID = /^\d{0,20}$/

// A name with an equals sign in it, or one of the trusted names inside a value, is a shifted boundary.
const NAME = /^[\w.[\]-]{1,64}$/
const TRUSTED = ["shop", "path_prefix", "timestamp", "logged_in_customer_id"] as const

/**
 * @param secrets any of which may have signed
 * @param nowMs the time, in epoch milliseconds
 * @throws AppError `unauthenticated`; the message never repeats what came
 */
export function verifyProxySignature(url: URL, secrets: readonly string[], nowMs: number): ProxyRequest {
  const query = singleValues(url.searchParams)
  const signature = query.get("signature") ?? ""
  query.delete("signature")
  if (!signatureMatches(signature, query, secrets)) throw refused("the signature does not fit")

  const timestamp = query.get("timestamp") ?? ""
  if (!/^\d{1,12}$/.test(timestamp)) throw refused("there is no timestamp")
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) throw refused("the signature is old")

  if (query.get("path_prefix") !== PROXY_PATH_PREFIX) throw refused("the path prefix is another one")
  const shopDomain = query.get("shop") ?? ""
  if (!isShopDomain(shopDomain)) throw refused("the shop is not a Shopify domain")
  const customer = query.get("logged_in_customer_id")
  if (customer === undefined || !CUSTOMER_ID.test(customer)) throw refused("the customer id is not a number")
  for (const value of query.values())
    if (TRUSTED.some((name) => value.includes(`${name}=`))) throw refused("one parameter holds another")
  return { shopDomain, loggedInCustomerId: customer === "" ? null : customer }
}

function singleValues(parameters: URLSearchParams): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of parameters) {
    // Shopify joins repeated ones with a comma, so two requests would share a signature.
    if (!NAME.test(name)) throw refused("a parameter has no plain name")
    if (values.has(name)) throw refused("a parameter is repeated")
    values.set(name, value)
  }
  return values
}

function signatureMatches(
  signature: string,
  query: Map<string, string>,
  secrets: readonly string[],
): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false
  const given = Buffer.from(signature, "hex")
  const text = signedText(query)
  return secrets.some((secret) => timingSafeEqual(createHmac("sha256", secret).update(text).digest(), given))
}

/** The text that Shopify signs. */
export function signedText(query: ReadonlyMap<string, string>): string {
  return [...query]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join("")
}

function refused(why: string): AppError {
  return new AppError(
    "unauthenticated",
    `Expected a request signed by Shopify's app proxy, but ${why}. Open the page through the storefront, and see that the app proxy of shopify.app.toml is ${PROXY_PATH_PREFIX}.`,
  )
}
