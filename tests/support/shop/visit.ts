/** What Shopify keeps about a visit in its own cookies: cart, customer, consent, language. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { parseCookies } from "./cookies.ts"

export type Locale = "en" | "zh-CN"

export type Visit = {
  /** Item → quantity. */
  cart: Map<string, number>
  /** Shopify's customer id, digits; null when not logged in. */
  customerId: string | null
  /** "" until the visitor chose. */
  consent: "" | "yes" | "no"
  locale: Locale
}

export function readVisit(request: IncomingMessage): Visit {
  const cookies = parseCookies(request.headers.cookie)
  const customer = cookies.get("shop_customer") ?? ""
  const consent = cookies.get("shop_consent")
  return {
    cart: readCart(cookies.get("shop_cart")),
    customerId: /^\d{1,20}$/.test(customer) ? customer : null,
    consent: consent === "yes" || consent === "no" ? consent : "",
    locale: cookies.get("shop_locale") === "zh-CN" ? "zh-CN" : "en",
  }
}

function readCart(text: string | undefined): Map<string, number> {
  try {
    const lines: unknown = JSON.parse(text ?? "{}")
    const pairs = Object.entries(Object(lines)).flatMap(([item, count]): [string, number][] =>
      Number.isInteger(count) && Number(count) > 0 ? [[item, Math.min(Number(count), 99)]] : [],
    )
    return new Map(pairs)
  } catch {
    // A cookie that we did not write: an empty cart.
    return new Map()
  }
}

/** Keeps a part of the visit; `""` forgets it. The theme's script reads consent, so none is HttpOnly. */
export function keep(
  response: ServerResponse,
  name: "cart" | "customer" | "consent" | "locale",
  value: string,
): void {
  const life = value === "" ? 0 : 60 * 60 * 24 * 30
  response.appendHeader(
    "Set-Cookie",
    `shop_${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${life}; SameSite=Lax`,
  )
}
