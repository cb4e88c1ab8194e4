import type { ShopChange } from "../state/change.ts"
import { cartPayload, checkoutPayload } from "./payloads/basket-payload.ts"
import { collectionPayload } from "./payloads/collection-payload.ts"
import { emailConsentPayload, smsConsentPayload } from "./payloads/consent-payload.ts"
import { customerPayload } from "./payloads/customer-payload.ts"
import { fulfilmentPayload } from "./payloads/fulfilment-payload.ts"
import { disconnectedPayload, inventoryLevelPayload } from "./payloads/inventory-level-payload.ts"
import { orderEditPayload, orderPayload } from "./payloads/order-payload.ts"
import { customerRedactPayload, dataRequestPayload, shopRedactPayload } from "./payloads/privacy-payload.ts"
import { deletedPayload, productPayload } from "./payloads/product-payload.ts"
import { refundPayload } from "./payloads/refund-payload.ts"
import type { PayloadSource } from "./payloads/rest-format.ts"
import { scopesPayload, shopPayload } from "./payloads/shop-payload.ts"

/** The payload that Shopify sends about a change. */
export function payloadOf(source: PayloadSource, change: ShopChange): object {
  switch (change.topic) {
    case "products/create":
    case "products/update":
      return productPayload(source, change.product)
    case "products/delete":
    case "collections/delete":
      return deletedPayload(change.id)
    case "inventory_levels/update":
    case "inventory_levels/connect":
      return inventoryLevelPayload(source, change.level)
    case "inventory_levels/disconnect":
      return disconnectedPayload(change.level.itemId, change.level.locationId)
    case "collections/create":
    case "collections/update":
      return collectionPayload(source, change.collection)
    case "customers/create":
    case "customers/update":
    case "customers/enable":
    case "customers/disable":
    case "customers/delete":
      return customerPayload(source, change.customer)
    case "customers_email_marketing_consent/update":
      return emailConsentPayload(source, change.customer)
    case "customers_marketing_consent/update":
      return smsConsentPayload(source, change.customer)
    case "carts/create":
    case "carts/update":
      return cartPayload(source, change.cart)
    case "checkouts/create":
    case "checkouts/update":
      return checkoutPayload(source, change.checkout)
    case "checkouts/delete":
      return { token: change.checkout.token }
    case "orders/create":
    case "orders/updated":
    case "orders/paid":
    case "orders/cancelled":
      return orderPayload(source, change.order)
    case "orders/delete":
      return deletedPayload(change.order.id)
    case "orders/edited":
      return orderEditPayload(source, change.edit)
    case "refunds/create":
      return refundPayload(source, change.order, change.refund)
    case "fulfillments/create":
    case "fulfillments/update":
      return fulfilmentPayload(source, change.order, change.fulfilment)
    case "shop/update":
    case "app/uninstalled":
      return shopPayload(source)
    case "app/scopes_update":
      return scopesPayload(source, change.previous, change.current, change.atMs)
    case "customers/data_request":
      return dataRequestPayload(source, change.request)
    case "customers/redact":
      return customerRedactPayload(source, change.request)
    case "shop/redact":
      return shopRedactPayload(source)
    default:
      return change satisfies never
  }
}
