import type { RecordTopic } from "../../shop/webhook-topics.ts"
import type { DropReason } from "../door-payload.ts"
import { cartChanges } from "./payloads/cart-payload.ts"
import { checkoutChanges, checkoutDeletion } from "./payloads/checkout-payload.ts"
import { collectionChanges, collectionDeletion } from "./payloads/collection-payload.ts"
import { consentChanges } from "./payloads/consent-payload.ts"
import { customerChanges, customerDeletion } from "./payloads/customer-payload.ts"
import { fulfilmentChanges } from "./payloads/fulfilment-payload.ts"
import { inventoryLevelChanges, inventoryLevelEnd } from "./payloads/inventory-level-payload.ts"
import type { Message } from "./payloads/message.ts"
import { orderChanges, orderDeletion, orderEdit } from "./payloads/order-payload.ts"
import { productChanges, productDeletion } from "./payloads/product-payload.ts"
import { refundChanges } from "./payloads/refund-payload.ts"
import { shopChanges } from "./payloads/shop-payload.ts"
import type { RecordChange } from "./record.ts"
import { parseWebhookJson } from "./webhook-json.ts"

type Reader = (message: Message) => RecordChange[] | null

/** Every topic that tells of a resource, and two that a shop's own subscriptions may add. */
type ReadTopic = RecordTopic | "orders/fulfilled" | "orders/partially_fulfilled"

/** How each topic is read. Older versions of the API name the same topics. */
const READERS: Record<ReadTopic, Reader> = {
  "shop/update": shopChanges,
  "products/create": productChanges,
  "products/update": productChanges,
  "products/delete": productDeletion,
  "collections/create": collectionChanges,
  "collections/update": collectionChanges,
  "collections/delete": collectionDeletion,
  "inventory_levels/update": inventoryLevelChanges,
  "inventory_levels/connect": inventoryLevelChanges,
  "inventory_levels/disconnect": inventoryLevelEnd,
  "customers/create": customerChanges,
  "customers/update": customerChanges,
  "customers/enable": customerChanges,
  "customers/disable": customerChanges,
  "customers/delete": customerDeletion,
  "customers_email_marketing_consent/update": consentChanges,
  "customers_marketing_consent/update": consentChanges,
  "carts/create": cartChanges,
  "carts/update": cartChanges,
  "checkouts/create": checkoutChanges,
  "checkouts/update": checkoutChanges,
  "checkouts/delete": checkoutDeletion,
  "orders/create": orderChanges,
  "orders/updated": orderChanges,
  "orders/paid": orderChanges,
  "orders/cancelled": orderChanges,
  "orders/fulfilled": orderChanges,
  "orders/partially_fulfilled": orderChanges,
  "orders/edited": orderEdit,
  "orders/delete": orderDeletion,
  "refunds/create": refundChanges,
  "fulfillments/create": fulfilmentChanges,
  "fulfillments/update": fulfilmentChanges,
}

const readers: ReadonlyMap<string, Reader> = new Map(Object.entries(READERS))

/**
 * What a webhook says of the shop's resources. Shapes of different API versions are told apart by what they carry, not
 * by the version's name: Shopify falls forward to versions that nobody asked for.
 * @param body as it came
 * @param triggeredAtMs X-Shopify-Triggered-At, or when it was received
 */
export function changesOfWebhook(
  topic: string,
  body: string,
  triggeredAtMs: number,
  _apiVersion: string | null,
): RecordChange[] | DropReason {
  const read = readers.get(topic)
  if (read === undefined) return "unhandled_topic"
  const parsed = parseWebhookJson(body)
  if (parsed === null) return "bad_payload"
  return read({ body: parsed, seenAtMs: triggeredAtMs }) ?? "bad_payload"
}
