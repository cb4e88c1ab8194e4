/**
 * Verifies a webhook: Shopify signs the raw body with HMAC-SHA256 under the app's secret, in base64 (shopify.dev,
 * "Verify webhooks").
 *
 * While a secret is rotated Shopify signs with the oldest one that is not revoked, and for some time after it was. Its
 * own library (`webhooks.validate`) knows one secret and, behind `authenticate.webhook`, refreshes a token before it
 * answers, so that an expired token makes a good webhook fail. Hence this check.
 *
 * Limit of the scheme: the headers are not signed. Whoever holds a signed body can send it as another topic or for
 * another shop; what names its shop in the body is therefore compared with it before it does harm.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { AppError } from "../errors.ts"
import { isShopDomain } from "./shop-domain.ts"

export type WebhookHead = {
  topic: string
  shopDomain: string
  /** Id of this delivery; another attempt has the same one, another shop's delivery may. */
  webhookId: string
  triggeredAt: Date | null
  apiVersion: string
}

const TOPIC = /^[a-z_]{1,60}[/.][a-z_]{1,60}$/
const WEBHOOK_ID = /^[\w-]{1,100}$/
const API_VERSION = /^(\d{4}-\d{2}|unstable)$/
// ISO 8601; Shopify writes up to nanoseconds.
const TRIGGERED_AT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/

/**
 * @param secrets any of which may have signed
 * @throws AppError `unauthenticated`, `bad_request`; the message never repeats what came
 */
export function verifyWebhook(headers: Headers, body: Uint8Array, secrets: readonly string[]): WebhookHead {
  if (!isSigned(headers.get("x-shopify-hmac-sha256") ?? "", body, secrets))
    throw new AppError(
      "unauthenticated",
      "Expected a webhook signed by Shopify, but its signature does not fit. See that SHOPIFY_API_SECRET is the app's client secret, and SHOPIFY_API_SECRET_OLD the one before while it is rotated.",
    )
  const header = (name: string, isValid: (value: string) => boolean): string => {
    const value = headers.get(name) ?? ""
    if (isValid(value)) return value
    throw new AppError("bad_request", `Expected the header ${name} as Shopify sends it; it is not there.`)
  }
  return {
    topic: header("X-Shopify-Topic", (value) => TOPIC.test(value)),
    shopDomain: header("X-Shopify-Shop-Domain", isShopDomain),
    webhookId: header("X-Shopify-Webhook-Id", (value) => WEBHOOK_ID.test(value)),
    apiVersion: header("X-Shopify-API-Version", (value) => API_VERSION.test(value)),
    triggeredAt: headers.has("x-shopify-triggered-at")
      ? new Date(header("X-Shopify-Triggered-At", isTime))
      : null,
  }
}

const isTime = (value: string) => TRIGGERED_AT.test(value) && !Number.isNaN(Date.parse(value))

function isSigned(signature: string, body: Uint8Array, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature)
  // As text: several texts of base64 stand for the same bytes, and one alone is what Shopify sends.
  return secrets.some((secret) => {
    const expected = Buffer.from(createHmac("sha256", secret).update(body).digest("base64"))
    return given.length === expected.length && timingSafeEqual(expected, given)
  })
}
