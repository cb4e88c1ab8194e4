import { randomBytes } from "node:crypto"
import { orderPayload } from "../../support/webhook-payloads.ts"
import type { MarkedShop } from "./marked-shop.ts"

/** How a route knows who asks: a session token of the admin, Shopify's proxy signature, a webhook's, or not at all. */
export type Guard = "session" | "proxy" | "webhook" | "none"

export type RouteUnderAttack = {
  /** In app/routes. */
  file: string
  path: string
  guard: Guard
  method: "GET" | "POST"
  /** What a genuine request about this shop asks for. */
  query?: (shop: MarkedShop) => Record<string, string>
  body?: (shop: MarkedShop) => object
  /** One of the shop's marks stands in the genuine answer: only then does its absence elsewhere mean something. */
  showsMark?: true
}

const delivery = () => randomBytes(16).toString("hex")

/** Every route of the app; a test holds this list to the files. */
export const ROUTES: readonly RouteUnderAttack[] = [
  { file: "_index.ts", path: "/", guard: "none", method: "GET" },
  { file: "app.tsx", path: "/app", guard: "session", method: "GET", showsMark: true },
  { file: "app._index.tsx", path: "/app", guard: "session", method: "GET", showsMark: true },
  { file: "app.journey.tsx", path: "/app/journey", guard: "session", method: "GET" },
  { file: "app.journey[.]json.ts", path: "/app/journey.json", guard: "session", method: "GET" },
  { file: "app.privacy.tsx", path: "/app/privacy", guard: "session", method: "GET", showsMark: true },
  {
    file: "app.privacy_.answer.ts",
    path: "/app/privacy/answer",
    guard: "session",
    method: "GET",
    query: ({ requestId }) => ({ request: requestId }),
    showsMark: true,
  },
  { file: "auth.$.tsx", path: "/auth/session-token", guard: "session", method: "GET" },
  { file: "auth.login.tsx", path: "/auth/login", guard: "none", method: "GET" },
  { file: "healthz.ts", path: "/healthz", guard: "none", method: "GET" },
  { file: "readyz.ts", path: "/readyz", guard: "none", method: "GET" },
  {
    file: "proxy.block.ts",
    path: "/proxy/block",
    guard: "proxy",
    method: "GET",
    query: ({ visitor, productId }) => ({ visitor, product: productId, count: "4" }),
  },
  {
    file: "proxy.consent.ts",
    path: "/proxy/consent",
    guard: "proxy",
    method: "POST",
    body: ({ visitor }) => ({ visitor, analytics: true }),
  },
  {
    file: "proxy.events.ts",
    path: "/proxy/events",
    guard: "proxy",
    method: "POST",
    body: ({ visitor, productId }) => ({
      delivery: delivery(),
      visitor,
      events: [{ type: "product_view", at: Date.now(), product: productId }],
    }),
  },
  {
    file: "webhooks.ts",
    path: "/webhooks",
    guard: "webhook",
    method: "POST",
    body: ({ orderId }) => orderPayload(Number(orderId), Date.now()),
  },
]
