import {
  currentQuantity,
  currentTotalCents,
  discountCents,
  fulfilmentStatus,
  lineTotalCents,
  refundedCents,
  refundedQuantity,
  shareCents,
  subtotalCents,
  totalCents,
} from "../../state/order-sums.ts"
import type { Fulfilment, Order, OrderLine, Refund, RefundLine } from "../../state/resources.ts"
import type { AdminContext, Fields } from "../admin-context.ts"
import { pageInOrder } from "../connection.ts"
import { gid } from "../gid.ts"
import { metafieldFields } from "./metafield-fields.ts"
import { dateTime, money } from "./values.ts"

type LineOfOrder = { id: string; order: Order; line: OrderLine }
type RefundLineOf = { id: string; order: Order; part: RefundLine }
type FulfilmentLineOf = { id: string; order: Order; lineId: string; quantity: number }

/** Lines are asked for one by one, so each carries its order. */
const held = new WeakMap<OrderLine, LineOfOrder>()

function lineOfOrder(order: Order, line: OrderLine): LineOfOrder {
  const known = held.get(line)
  if (known) return known
  const made = { id: line.id, order, line }
  held.set(line, made)
  return made
}

function lineById(order: Order, lineId: string): LineOfOrder {
  const line = order.lines.find(({ id }) => id === lineId)
  if (!line) throw new Error(`Order ${order.id} has no line ${lineId}.`)
  return lineOfOrder(order, line)
}

const orderOf = (id: string, { state }: AdminContext) => state.store.orders.get(id) ?? null

const FULFILMENT_WORDS = {
  unfulfilled: "UNFULFILLED",
  partial: "PARTIALLY_FULFILLED",
  fulfilled: "FULFILLED",
}

const order: Fields<Order> = {
  id: ({ id }) => gid("Order", id),
  legacyResourceId: ({ id }) => id,
  name: ({ number }) => `#${number}`,
  number: ({ number }) => number,
  email: ({ email }) => email,
  phone: ({ phone }) => phone,
  customer: ({ customerId }, _, { state }) => state.store.customers.get(customerId ?? "") ?? null,
  customerLocale: ({ locale }) => locale,
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  processedAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  cancelledAt: ({ cancelledAtMs }) => dateTime(cancelledAtMs),
  cancelReason: ({ cancelReason }) => cancelReason?.toUpperCase() ?? null,
  closed: () => false,
  closedAt: () => null,
  confirmed: () => true,
  currencyCode: ({ currency }) => currency,
  presentmentCurrencyCode: ({ currency }) => currency,
  displayFinancialStatus: ({ financialStatus }) => financialStatus.toUpperCase(),
  displayFulfillmentStatus: (source) => FULFILMENT_WORDS[fulfilmentStatus(source)],
  edited: ({ edited }) => edited,
  test: ({ test }) => test,
  sourceName: ({ sourceName }) => sourceName,
  cartToken: ({ cartToken }) => cartToken,
  checkoutToken: ({ checkoutToken }) => checkoutToken,
  tags: () => [],
  note: () => null,
  billingAddress: ({ country }) => addressIn(country),
  shippingAddress: ({ country }) => addressIn(country),
  totalPriceSet: (source, _, context) => money(totalCents(source), context),
  originalTotalPriceSet: (source, _, context) => money(totalCents(source), context),
  currentTotalPriceSet: (source, _, context) => money(currentTotalCents(source), context),
  subtotalPriceSet: (source, _, context) => money(subtotalCents(source), context),
  totalDiscountsSet: (source, _, context) => money(discountCents(source), context),
  totalShippingPriceSet: ({ shippingCents }, _, context) => money(shippingCents, context),
  totalRefundedSet: (source, _, context) => money(refundedCents(source), context),
  totalTaxSet: (_source, _, context) => money(0, context),
  lineItems: (source, args, context) =>
    pageInOrder(
      source.lines.map((line) => lineOfOrder(source, line)),
      args,
      context,
    ),
  refunds: ({ refunds }, { first }) => (first == null ? refunds : refunds.slice(0, Number(first))),
  fulfillments: ({ fulfilments }, { first }) =>
    first == null ? fulfilments : fulfilments.slice(0, Number(first)),
  ...metafieldFields((source: Order) => gid("Order", source.id)),
}

const addressIn = (country: string | null) =>
  country === null ? null : { country, firstName: null, lastName: null, zip: "" }

const lineItem: Fields<LineOfOrder> = {
  id: ({ id }) => gid("LineItem", id),
  title: ({ line }) => line.title,
  name: ({ line }) => line.title,
  variantTitle: () => null,
  vendor: ({ line }, _, { state }) => state.store.products.get(line.productId ?? "")?.vendor ?? null,
  sku: ({ line }) => line.sku,
  quantity: ({ line }) => line.quantity,
  currentQuantity: ({ order: of, line }) => currentQuantity(of, line),
  refundableQuantity: ({ order: of, line }) => currentQuantity(of, line),
  unfulfilledQuantity: ({ order: of, line }) => {
    let sent = 0
    for (const { status, lines } of of.fulfilments)
      if (status === "success") for (const part of lines) if (part.lineId === line.id) sent += part.quantity
    return Math.max(0, line.quantity - line.removedQuantity - refundedQuantity(of, line.id) - sent)
  },
  // A product that was deleted is no more, whatever was ordered of it.
  product: ({ line }, _, { state }) => state.store.products.get(line.productId ?? "") ?? null,
  variant: ({ line }, _, { state }) => state.store.variants.get(line.variantId ?? "")?.variant ?? null,
  originalUnitPriceSet: ({ line }, _, context) => money(line.priceCents, context),
  originalTotalSet: ({ line }, _, context) => money(line.priceCents * line.quantity, context),
  totalDiscountSet: ({ line }, _, context) => money(line.discountCents, context),
  discountedTotalSet: ({ line }, _, context) => money(lineTotalCents(line), context),
  discountedUnitPriceSet: ({ line }, _, context) => money(shareCents(line, 1), context),
  discountedUnitPriceAfterAllDiscountsSet: ({ line }, _, context) => money(shareCents(line, 1), context),
  discountAllocations: ({ line }) =>
    line.discountCents === 0 ? [] : [{ allocatedCents: line.discountCents }],
  isGiftCard: () => false,
  requiresShipping: () => true,
}

const refund: Fields<Refund> = {
  id: ({ id }) => gid("Refund", id),
  legacyResourceId: ({ id }) => id,
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  processedAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ createdAtMs }) => dateTime(createdAtMs),
  note: ({ note }) => note,
  order: ({ orderId }, _, context) => orderOf(orderId, context),
  totalRefundedSet: ({ totalCents: cents }, _, context) => money(cents, context),
  refundLineItems: ({ orderId, lines }, args, context) => {
    const of = orderOf(orderId, context)
    return pageInOrder(of ? lines.map((part) => ({ id: part.id, order: of, part })) : [], args, context)
  },
}

const fulfilment: Fields<Fulfilment> = {
  id: ({ id }) => gid("Fulfillment", id),
  legacyResourceId: ({ id }) => id,
  name: ({ id }) => `#F${id}`,
  order: ({ orderId }, _, context) => orderOf(orderId, context),
  status: ({ status }) => status.toUpperCase(),
  displayStatus: ({ status, shipmentStatus }) => {
    if (status === "cancelled") return "CANCELED"
    return shipmentStatus === null ? "FULFILLED" : shipmentStatus.toUpperCase()
  },
  totalQuantity: ({ lines }) => lines.reduce((sum, { quantity }) => sum + quantity, 0),
  deliveredAt: ({ shipmentStatus, updatedAtMs }) =>
    shipmentStatus === "delivered" ? dateTime(updatedAtMs) : null,
  createdAt: ({ createdAtMs }) => dateTime(createdAtMs),
  updatedAt: ({ updatedAtMs }) => dateTime(updatedAtMs),
  trackingInfo: () => [],
  fulfillmentLineItems: ({ id, orderId, lines }, args, context) => {
    const of = orderOf(orderId, context)
    const parts = of
      ? lines.map((part, place): FulfilmentLineOf => ({ ...part, id: `${id}${place}`, order: of }))
      : []
    return pageInOrder(parts, args, context)
  },
}

export const orderFields = {
  Order: order,
  LineItem: lineItem,
  DiscountAllocation: {
    allocatedAmountSet: ({ allocatedCents }, _, context) => money(allocatedCents, context),
  } satisfies Fields<{ allocatedCents: number }>,
  Refund: refund,
  RefundLineItem: {
    id: ({ id }) => gid("RefundLineItem", id),
    lineItem: ({ order: of, part }) => lineById(of, part.lineId),
    quantity: ({ part }) => part.quantity,
    restockType: () => "RETURN",
    restocked: () => true,
    priceSet: ({ order: of, part }, _, context) => money(lineById(of, part.lineId).line.priceCents, context),
    subtotalSet: ({ part }, _, context) => money(part.subtotalCents, context),
    totalTaxSet: (_source, _, context) => money(0, context),
  } satisfies Fields<RefundLineOf>,
  Fulfillment: fulfilment,
  FulfillmentLineItem: {
    id: ({ id }) => gid("FulfillmentLineItem", id),
    lineItem: ({ order: of, lineId }) => lineById(of, lineId),
    quantity: ({ quantity }) => quantity,
  } satisfies Fields<FulfilmentLineOf>,
}
