import type { OrderEdit } from "./change.ts"
import { currentQuantity, refundedCents, shareCents, totalCents } from "./order-sums.ts"
import type { Fulfilment, Order, OrderLine, Refund } from "./resources.ts"
import { required, type Store, type When } from "./store.ts"

export type NewOrderLine = {
  /** Of the shop's; without one it is a custom line, and needs a title and a price. */
  variantId?: string
  title?: string
  quantity: number
  priceCents?: number
  discountCents?: number
}

export type NewOrder = Partial<
  Omit<Order, "lines" | "refunds" | "fulfilments" | "updatedAtMs" | "edited">
> & {
  lines: readonly NewOrderLine[]
}

export function makeOrders(
  store: Store,
  tools: { setInventory: (item: string, location: string, available: number, when: When) => unknown },
) {
  let lastNumber = 1000

  function makeLine(given: NewOrderLine): OrderLine {
    const found = given.variantId === undefined ? undefined : store.variants.get(given.variantId)
    return {
      id: store.nextId(),
      productId: found?.product.id ?? null,
      variantId: found ? (given.variantId ?? null) : null,
      title: given.title ?? found?.product.title ?? "Custom item",
      sku: found?.variant.sku ?? null,
      quantity: given.quantity,
      removedQuantity: 0,
      priceCents: given.priceCents ?? found?.variant.priceCents ?? 0,
      discountCents: given.discountCents ?? 0,
    }
  }

  /**
   * Paid unless it says otherwise. Closes its checkout, and takes counted goods from stock unless `fromStock` is
   * false (as for a history, whose stock has long been counted again).
   */
  function placeOrder(
    given: NewOrder,
    { atMs = store.now(), fromStock = true }: When & { fromStock?: boolean } = {},
  ): Order {
    lastNumber = Math.max(lastNumber + 1, given.number ?? 0)
    const checkout = store.checkouts.get(given.checkoutToken ?? "")
    const order: Order = {
      customerId: checkout?.customerId ?? null,
      email: checkout?.email ?? store.customers.get(given.customerId ?? "")?.email ?? null,
      phone: checkout?.phone ?? null,
      currency: store.shop.currency,
      financialStatus: "paid",
      cancelReason: null,
      test: false,
      cartToken: checkout?.cartToken ?? null,
      checkoutToken: null,
      sourceName: "web",
      country: checkout?.shippingAddress?.country ?? null,
      locale: "en",
      shippingCents: 0,
      createdAtMs: atMs,
      cancelledAtMs: null,
      ...given,
      id: given.id ?? store.nextId(),
      number: given.number ?? lastNumber,
      lines: given.lines.map(makeLine),
      refunds: [],
      fulfilments: [],
      edited: false,
      updatedAtMs: atMs,
    }
    store.orders.set(order.id, order)
    if (order.customerId !== null) {
      const before = store.ordersByCustomer.get(order.customerId)
      if (before) before.push(order)
      else store.ordersByCustomer.set(order.customerId, [order])
    }
    store.tell({ topic: "orders/create", order }, atMs)
    if (order.financialStatus === "paid") store.tell({ topic: "orders/paid", order }, atMs)
    if (checkout) {
      Object.assign(checkout, { completedAtMs: atMs, updatedAtMs: atMs })
      store.tell({ topic: "checkouts/update", checkout }, atMs)
    }
    if (fromStock) for (const line of order.lines) takeFromStock(line, line.quantity, atMs)
    return order
  }

  function takeFromStock(line: OrderLine, quantity: number, atMs: number): void {
    const variant = store.variants.get(line.variantId ?? "")?.variant
    if (!variant?.tracked) return
    for (const location of store.locations.keys()) {
      const level = store.levels.get(`${variant.inventoryItemId}:${location}`)
      if (!level) continue
      return void tools.setInventory(level.itemId, location, level.available - quantity, { atMs })
    }
  }

  function updated(order: Order, atMs: number): void {
    order.updatedAtMs = Math.max(order.updatedAtMs, atMs)
    store.tell({ topic: "orders/updated", order }, atMs)
  }

  function payOrder(id: string, { atMs = store.now() }: When = {}): Order {
    const order = required(store.orders, "order", id)
    order.financialStatus = "paid"
    order.updatedAtMs = atMs
    store.tell({ topic: "orders/paid", order }, atMs)
    updated(order, atMs)
    return order
  }

  function editOrder(
    id: string,
    change: { remove?: readonly { lineId: string; quantity: number }[]; add?: readonly NewOrderLine[] },
    { atMs = store.now() }: When = {},
  ): Order {
    const order = required(store.orders, "order", id)
    const edit: OrderEdit = {
      id: store.nextId(),
      orderId: id,
      createdAtMs: atMs,
      additions: [],
      removals: [],
    }
    for (const { lineId, quantity } of change.remove ?? []) {
      const line = lineOf(order, lineId)
      const removed = Math.min(quantity, currentQuantity(order, line))
      line.removedQuantity += removed
      edit.removals.push({ lineId, delta: removed })
    }
    for (const given of change.add ?? []) {
      const line = makeLine(given)
      order.lines.push(line)
      edit.additions.push({ lineId: line.id, delta: line.quantity })
    }
    order.edited = true
    order.updatedAtMs = atMs
    store.tell({ topic: "orders/edited", order, edit }, atMs)
    updated(order, atMs)
    return order
  }

  /** Gives back units of lines; without lines everything that is left, shipping included. */
  function refundOrder(
    id: string,
    given: {
      lines?: readonly { lineId: string; quantity: number }[]
      shippingCents?: number
      note?: string
    } = {},
    { atMs = store.now() }: When = {},
  ): Refund {
    const order = required(store.orders, "order", id)
    const all = order.lines.map((line) => ({ lineId: line.id, quantity: currentQuantity(order, line) }))
    const lines = (given.lines ?? all).flatMap(({ lineId, quantity }) => {
      const line = lineOf(order, lineId)
      const units = Math.min(quantity, currentQuantity(order, line))
      return units > 0
        ? [{ id: store.nextId(), lineId, quantity: units, subtotalCents: shareCents(line, units) }]
        : []
    })
    const shipping = given.shippingCents ?? (given.lines ? 0 : order.shippingCents)
    const left = totalCents(order) - refundedCents(order)
    const refund: Refund = {
      id: store.nextId(),
      orderId: id,
      createdAtMs: atMs,
      lines,
      totalCents: Math.min(left, lines.reduce((sum, line) => sum + line.subtotalCents, 0) + shipping),
      note: given.note ?? null,
    }
    order.refunds.push(refund)
    const whole = order.lines.every((line) => currentQuantity(order, line) === 0)
    order.financialStatus = whole ? "refunded" : "partially_refunded"
    order.updatedAtMs = Math.max(order.updatedAtMs, atMs)
    store.tell({ topic: "refunds/create", order, refund }, atMs)
    updated(order, atMs)
    return refund
  }

  function cancelOrder(
    id: string,
    { refund = false, reason = "customer" }: { refund?: boolean; reason?: string } = {},
    { atMs = store.now() }: When = {},
  ): Order {
    const order = required(store.orders, "order", id)
    order.cancelledAtMs = atMs
    order.cancelReason = reason
    order.updatedAtMs = Math.max(order.updatedAtMs, atMs)
    if (order.financialStatus === "pending" || order.financialStatus === "authorized")
      order.financialStatus = "voided"
    if (refund) refundOrder(id, {}, { atMs })
    store.tell({ topic: "orders/cancelled", order }, atMs)
    updated(order, atMs)
    return order
  }

  /** Shopify lets only cancelled and archived orders be deleted; who calls it decides that. */
  function deleteOrder(id: string, { atMs = store.now() }: When = {}): void {
    const order = required(store.orders, "order", id)
    store.orders.delete(id)
    const others = store.ordersByCustomer.get(order.customerId ?? "")?.filter((other) => other !== order)
    if (others) store.ordersByCustomer.set(order.customerId ?? "", others)
    store.tell({ topic: "orders/delete", order }, atMs)
  }

  /** Sends units of lines; without lines everything that is left. */
  function fulfilOrder(
    id: string,
    given: { lines?: readonly { lineId: string; quantity: number }[] } = {},
    { atMs = store.now() }: When = {},
  ): Fulfilment {
    const order = required(store.orders, "order", id)
    const all = order.lines.map((line) => ({ lineId: line.id, quantity: currentQuantity(order, line) }))
    const fulfilment: Fulfilment = {
      id: store.nextId(),
      orderId: id,
      status: "success",
      shipmentStatus: null,
      lines: [...(given.lines ?? all)].filter(({ quantity }) => quantity > 0),
      createdAtMs: atMs,
      updatedAtMs: atMs,
    }
    order.fulfilments.push(fulfilment)
    order.updatedAtMs = Math.max(order.updatedAtMs, atMs)
    store.tell({ topic: "fulfillments/create", order, fulfilment }, atMs)
    updated(order, atMs)
    return fulfilment
  }

  function updateFulfilment(
    orderId: string,
    fulfilmentId: string,
    change: Partial<Pick<Fulfilment, "status" | "shipmentStatus">>,
    { atMs = store.now() }: When = {},
  ): Fulfilment {
    const order = required(store.orders, "order", orderId)
    const fulfilment = order.fulfilments.find((one) => one.id === fulfilmentId)
    if (!fulfilment) throw new Error(`Order ${orderId} has no fulfilment ${fulfilmentId}.`)
    Object.assign(fulfilment, change, { updatedAtMs: atMs })
    store.tell({ topic: "fulfillments/update", order, fulfilment }, atMs)
    updated(order, atMs)
    return fulfilment
  }

  return {
    placeOrder,
    payOrder,
    editOrder,
    refundOrder,
    cancelOrder,
    deleteOrder,
    fulfilOrder,
    updateFulfilment,
  }
}

function lineOf(order: Order, lineId: string): OrderLine {
  const line = order.lines.find(({ id }) => id === lineId)
  if (!line) throw new Error(`Order ${order.id} has no line ${lineId}.`)
  return line
}
