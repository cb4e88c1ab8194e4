/** What Shopify keeps about a visit in its own cookies: cart, customer, consent, language. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { parseCookies } from "./cookies.ts"

export type Locale = "en" | "zh-CN"

export type Visit = {
  /** Null until something was put into it. */
  cartToken: string | null
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
  const [cart = ""] = (cookies.get("cart") ?? "").split("?")
  return {
    cartToken: /^[\w-]{8,64}$/.test(cart) ? cart : null,
    customerId: /^\d{1,20}$/.test(customer) ? customer : null,
    consent: consent === "yes" || consent === "no" ? consent : "",
    locale: cookies.get("shop_locale") === "zh-CN" ? "zh-CN" : "en",
  }
}

const MONTH_SECONDS = 60 * 60 * 24 * 30

/** Keeps a part of the visit; `""` forgets it. The theme's script reads consent, so none is HttpOnly. */
export function keep(response: ServerResponse, name: "customer" | "consent" | "locale", value: string): void {
  setCookie(response, `shop_${name}`, value)
}

/** The cart under Shopify's own name: its token, and behind it the key that opens it. `""` forgets it. */
export function keepCart(response: ServerResponse, token: string): void {
  setCookie(response, "cart", token === "" ? "" : `${token}?key=${token.slice(0, 16)}`)
}

function setCookie(response: ServerResponse, name: string, value: string): void {
  const life = value === "" ? 0 : MONTH_SECONDS
  response.appendHeader(
    "Set-Cookie",
    `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${life}; SameSite=Lax`,
  )
}
