/**
 * Every webhook that the app takes. shopify.app.toml subscribes to these and no others (a test holds that);
 * docs/shopify.md says what each is for.
 */

/** They say what the shop has: each becomes changes of records. */
export const RECORD_TOPICS = [
  "products/create",
  "products/update",
  "products/delete",
  "collections/create",
  "collections/update",
  "collections/delete",
  "inventory_levels/connect",
  "inventory_levels/update",
  "inventory_levels/disconnect",
  "customers/create",
  "customers/update",
  "customers/enable",
  "customers/disable",
  "customers/delete",
  "customers_email_marketing_consent/update",
  "customers_marketing_consent/update",
  "carts/create",
  "carts/update",
  "checkouts/create",
  "checkouts/update",
  "checkouts/delete",
  "orders/create",
  "orders/updated",
  "orders/edited",
  "orders/paid",
  "orders/cancelled",
  "orders/delete",
  "refunds/create",
  "fulfillments/create",
  "fulfillments/update",
  "shop/update",
] as const

/** They are about the app in the shop. */
export const APP_LIFE_TOPICS = ["app/uninstalled", "app/scopes_update"] as const

/** What the law asks of every app (Shopify: compliance topics). They come for shops that left, too. */
export const PRIVACY_TOPICS = ["customers/data_request", "customers/redact", "shop/redact"] as const

export type RecordTopic = (typeof RECORD_TOPICS)[number]
export type AppLifeTopic = (typeof APP_LIFE_TOPICS)[number]
export type PrivacyTopic = (typeof PRIVACY_TOPICS)[number]

export type KnownTopic =
  | { kind: "record"; topic: RecordTopic }
  | { kind: "app_life"; topic: AppLifeTopic }
  | { kind: "privacy"; topic: PrivacyTopic }

/** @returns null for a topic that the app does not take */
export function knownTopic(topic: string): KnownTopic | null {
  const record = RECORD_TOPICS.find((known) => known === topic)
  if (record) return { kind: "record", topic: record }
  const appLife = APP_LIFE_TOPICS.find((known) => known === topic)
  if (appLife) return { kind: "app_life", topic: appLife }
  const privacy = PRIVACY_TOPICS.find((known) => known === topic)
  return privacy ? { kind: "privacy", topic: privacy } : null
}
