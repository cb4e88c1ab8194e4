import type { Fulfilment, Order } from "../../state/resources.ts"
import { at, ids, type PayloadSource, personal } from "./rest-format.ts"

/** fulfillments/create, fulfillments/update, and each fulfilment of an order. */
export function fulfilmentPayload(source: PayloadSource, order: Order, fulfilment: Fulfilment): object {
  return {
    ...ids("Fulfillment", fulfilment.id),
    order_id: Number(order.id),
    status: fulfilment.status,
    created_at: at(source, fulfilment.createdAtMs),
    updated_at: at(source, fulfilment.updatedAtMs),
    service: "manual",
    tracking_company: null,
    shipment_status: fulfilment.shipmentStatus,
    location_id: Number([...source.locations.keys()][0]),
    email: personal(source, "email", order.email),
    tracking_number: null,
    tracking_numbers: [],
    line_items: fulfilment.lines.map(({ lineId, quantity }) => ({
      id: Number(lineId),
      admin_graphql_api_id: `gid://shopify/LineItem/${lineId}`,
      quantity,
    })),
    name: `#${order.number}.${order.fulfilments.indexOf(fulfilment) + 1}`,
  }
}
