/** A webhook as Shopify sends it: the raw body, the headers that say what it is about, and the signature over the body. */
import { createHmac, randomUUID } from "node:crypto"

/** Base64 of HMAC-SHA256 over the raw bytes, under the app's secret. */
export function signWebhook(body: string | Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("base64")
}

export type SignedWebhook = {
  /** Full address of the app's door, …/webhooks. */
  url: string
  /** As the header has it: `orders/create`. */
  topic: string
  shop: string
  body: string | Uint8Array
  secret: string
  /** Id of this delivery; another attempt of the same one has the same. */
  webhookId?: string
  /** ISO 8601; Shopify writes nanoseconds. */
  triggeredAt?: string
  apiVersion?: string
  /** One merchant action may trigger several deliveries. */
  eventId?: string
}

export function webhookHeaders(webhook: Omit<SignedWebhook, "url">): Record<string, string> {
  const { topic, shop, body, secret, webhookId, triggeredAt, apiVersion, eventId } = webhook
  return {
    "Content-Type": "application/json",
    "User-Agent": "Shopify-Captain-Hook",
    "X-Shopify-Topic": topic,
    "X-Shopify-Shop-Domain": shop,
    "X-Shopify-Hmac-SHA256": signWebhook(body, secret),
    "X-Shopify-Webhook-Id": webhookId ?? randomUUID(),
    "X-Shopify-Event-Id": eventId ?? randomUUID(),
    "X-Shopify-Triggered-At": triggeredAt ?? new Date().toISOString().replace("Z", "000000Z"),
    "X-Shopify-API-Version": apiVersion ?? "2026-07",
  }
}

export function webhookRequest({ url, ...webhook }: SignedWebhook): Request {
  const { body } = webhook
  return new Request(url, {
    method: "POST",
    headers: webhookHeaders(webhook),
    body: typeof body === "string" ? body : new Uint8Array(body),
  })
}
