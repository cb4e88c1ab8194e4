import type { PrivacyRequest } from "../../state/change.ts"
import type { PayloadSource } from "./rest-format.ts"

/** customers/data_request */
export function dataRequestPayload(source: PayloadSource, request: PrivacyRequest): object {
  return {
    ...shopOf(source),
    orders_requested: request.orderIds.map(Number),
    customer: customerOf(request),
    data_request: { id: Number(request.requestId) },
  }
}

/** customers/redact */
export function customerRedactPayload(source: PayloadSource, request: PrivacyRequest): object {
  return {
    ...shopOf(source),
    customer: customerOf(request),
    orders_to_redact: request.orderIds.map(Number),
  }
}

/** shop/redact, 48 hours after an uninstall */
export const shopRedactPayload = (source: PayloadSource): object => shopOf(source)

const shopOf = ({ shop }: PayloadSource) => ({ shop_id: Number(shop.id), shop_domain: shop.domain })
const customerOf = ({ customerId, email, phone }: PrivacyRequest) => ({
  id: Number(customerId),
  email,
  phone,
})
