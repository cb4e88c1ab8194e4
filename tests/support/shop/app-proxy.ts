/**
 * Shopify's app proxy: a storefront request under /apps/throughline goes to the app, signed. Cookies do not travel
 * either way. The app must answer within the time limit, or the visitor gets a 502.
 */
import { createHmac } from "node:crypto"
import type { Request, Response } from "express"

// Shopify publishes no figure; ten seconds is what its proxy has been seen to wait.
const TIMEOUT_MS = 10_000

export type ProxyOptions = { appUrl: string; apiSecret: string; shopDomain: string }

/** Adds the parameters that Shopify adds, and its signature: sorted `key=value` pairs joined with nothing between. */
export function signProxyUrl(url: URL, apiSecret: string, signed: Record<string, string>): URL {
  const result = new URL(url)
  for (const [name, value] of Object.entries(signed)) result.searchParams.set(name, value)
  const values = new Map<string, string[]>()
  for (const [name, value] of result.searchParams) values.set(name, [...(values.get(name) ?? []), value])
  const text = [...values]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, all]) => `${name}=${all.join(",")}`)
    .join("")
  result.searchParams.set("signature", createHmac("sha256", apiSecret).update(text).digest("hex"))
  return result
}

export async function forwardToApp(
  options: ProxyOptions & { customerId: string | null },
  request: Request,
  response: Response,
): Promise<void> {
  const asked = new URL(request.originalUrl, "http://shop")
  const target = new URL(
    asked.pathname.replace(/^\/apps\/throughline/, "/proxy") + asked.search,
    options.appUrl,
  )
  const url = signProxyUrl(target, options.apiSecret, {
    shop: options.shopDomain,
    logged_in_customer_id: options.customerId ?? "",
    path_prefix: "/apps/throughline",
    timestamp: String(Math.floor(Date.now() / 1000)),
  })
  const headers = new Headers({ "X-Forwarded-For": request.ip ?? "", "X-Shop-Domain": options.shopDomain })
  for (const name of ["content-type", "user-agent", "accept", "accept-language"]) {
    const value = request.header(name)
    if (value) headers.set(name, value)
  }
  try {
    const answer = await fetch(url, {
      method: request.method,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(request.method === "POST" ? { body: await readBody(request) } : {}),
    })
    response.status(answer.status)
    for (const name of ["content-type", "cache-control", "retry-after"]) {
      const value = answer.headers.get(name)
      if (value) response.setHeader(name, value)
    }
    response.end(Buffer.from(await answer.arrayBuffer()))
  } catch {
    response.status(502).type("text/plain").send("There was an error in the third-party application.")
  }
}

async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return new Uint8Array(Buffer.concat(chunks))
}
