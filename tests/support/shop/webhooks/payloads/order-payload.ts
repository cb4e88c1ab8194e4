import type { OrderEdit } from "../../state/change.ts"
import {
  currentQuantity,
  currentTotalCents,
  discountCents,
  fulfilmentStatus,
  subtotalCents,
  totalCents,
} from "../../state/order-sums.ts"
import type { Order, OrderLine } from "../../state/resources.ts"
import { fulfilmentPayload } from "./fulfilment-payload.ts"
import { refundPayload } from "./refund-payload.ts"
import {
  amount,
  amountSet,
  at,
  atOrNull,
  ids,
  numberOrNull,
  type PayloadSource,
  personal,
} from "./rest-format.ts"

/** orders/create, updated, paid, cancelled: the whole order each time. */
export function orderPayload(source: PayloadSource, order: Order): object {
  const { currency } = order
  const sent = fulfilmentStatus(order)
  return {
    ...ids("Order", order.id),
    app_id: null,
    cancel_reason: order.cancelReason,
    cancelled_at: atOrNull(source, order.cancelledAtMs),
    cart_token: order.cartToken,
    checkout_id: null,
    checkout_token: order.checkoutToken,
    closed_at: null,
    confirmed: true,
    contact_email: personal(source, "email", order.email),
    created_at: at(source, order.createdAtMs),
    currency,
    current_total_price: amount(currentTotalCents(order)),
    current_total_price_set: amountSet(currentTotalCents(order), currency),
    customer_locale: order.locale,
    email: personal(source, "email", order.email),
    financial_status: order.financialStatus,
    // Null says that nothing was sent yet.
    fulfillment_status: sent === "unfulfilled" ? null : sent,
    name: `#${order.number}`,
    note: null,
    number: order.number - 1000,
    order_number: order.number,
    phone: personal(source, "phone", order.phone),
    presentment_currency: currency,
    processed_at: at(source, order.createdAtMs),
    source_name: order.sourceName,
    subtotal_price: amount(subtotalCents(order)),
    tags: "",
    test: order.test,
    total_discounts: amount(discountCents(order)),
    total_price: amount(totalCents(order)),
    total_price_set: amountSet(totalCents(order), currency),
    total_shipping_price_set: amountSet(order.shippingCents, currency),
    total_tax: "0.00",
    updated_at: at(source, order.updatedAtMs),
    customer: customerOf(source, order),
    fulfillments: order.fulfilments.map((one) => fulfilmentPayload(source, order, one)),
    line_items: order.lines.map((line) => linePayload(order, line)),
    refunds: order.refunds.map((one) => refundPayload(source, order, one)),
    shipping_address: personal(
      source,
      "address",
      order.country === null ? null : { country_code: order.country },
    ),
    shipping_lines: [{ title: "Standard", price: amount(order.shippingCents), discount_allocations: [] }],
  }
}

/** orders/edited: what was added and taken away, not the order. */
export function orderEditPayload(source: PayloadSource, edit: OrderEdit): object {
  const changes = (all: OrderEdit["additions"]) =>
    all.map(({ lineId, delta }) => ({ id: Number(lineId), delta }))
  return {
    order_edit: {
      id: Number(edit.id),
      app_id: null,
      created_at: at(source, edit.createdAtMs),
      committed_at: at(source, edit.createdAtMs),
      notify_customer: false,
      order_id: Number(edit.orderId),
      staff_note: "",
      user_id: null,
      line_items: { additions: changes(edit.additions), removals: changes(edit.removals) },
      discounts: { line_item: { additions: [], removals: [] } },
      shipping_lines: { additions: [], removals: [] },
    },
  }
}

function linePayload(order: Order, line: OrderLine): object {
  return {
    ...ids("LineItem", line.id),
    current_quantity: currentQuantity(order, line),
    fulfillable_quantity: currentQuantity(order, line),
    gift_card: false,
    name: line.title,
    price: amount(line.priceCents),
    price_set: amountSet(line.priceCents, order.currency),
    product_exists: line.productId !== null,
    product_id: numberOrNull(line.productId),
    quantity: line.quantity,
    sku: line.sku,
    title: line.title,
    total_discount: "0.00",
    variant_id: numberOrNull(line.variantId),
    discount_allocations:
      line.discountCents === 0
        ? []
        : [
            {
              amount: amount(line.discountCents),
              amount_set: amountSet(line.discountCents, order.currency),
              discount_application_index: 0,
            },
          ],
  }
}

function customerOf(source: PayloadSource, order: Order): object | null {
  const customer = source.customers.get(order.customerId ?? "")
  if (!customer || !source.installation.protectedData.has("customer")) return null
  return {
    ...ids("Customer", customer.id),
    created_at: at(source, customer.createdAtMs),
    updated_at: at(source, customer.updatedAtMs),
    state: customer.state,
    currency: source.shop.currency,
    first_name: personal(source, "name", customer.firstName),
    last_name: personal(source, "name", customer.lastName),
    email: personal(source, "email", customer.email),
    phone: personal(source, "phone", customer.phone),
  }
}
