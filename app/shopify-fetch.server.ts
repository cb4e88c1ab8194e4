import { env } from "./env.server.ts"

/** What the library sends to Shopify. Only where env allows a simulated shop it goes to the loopback server. */
export async function fetchFromShopify(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input)
  const simulated = env().SIMULATED_SHOP_URL
  const given = url.pathname === "/admin/oauth/access_token" ? withNewestSecret(init) : init
  if (!simulated || !url.hostname.endsWith(".myshopify.com")) return fetch(input, given)
  const headers = new Headers(given?.headers ?? (input instanceof Request ? input.headers : undefined))
  headers.set("x-simulated-shop", url.hostname)
  return fetch(new URL(url.pathname + url.search, simulated), { ...given, headers })
}

/** Tokens that are asked for under an old secret would end with it, whichever secret signed the session token. */
function withNewestSecret(init: RequestInit | undefined): RequestInit | undefined {
  if (typeof init?.body !== "string" || !env().SHOPIFY_API_SECRET_OLD) return init
  return {
    ...init,
    body: JSON.stringify({ ...JSON.parse(init.body), client_secret: env().SHOPIFY_API_SECRET }),
  }
}
