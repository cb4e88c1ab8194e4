import { z } from "zod"
import { financialWord, fulfilmentWord } from "../shopify/order-words.ts"
import { emailAddress } from "../shopify/payloads/personal-fields.ts"
import { cleanText } from "../shopify/plain-text.ts"
import type { OrderLine, RecordChange } from "../shopify/record.ts"
import { cents, gid, reference, type Seen, timeIn, versionIn, word } from "./node-fields.ts"

const refund = z.object({ id: gid, createdAt: z.string(), totalRefundedSet: cents })
const fulfilment = z.object({
  id: gid,
  status: word,
  displayStatus: word.nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
const order = z.object({
  id: gid,
  processedAt: z.string(),
  updatedAt: z.string(),
  cancelledAt: z.string().nullable(),
  currencyCode: z.string(),
  test: z.boolean(),
  sourceName: z.string().nullable(),
  cartToken: z.string().nullish(),
  checkoutToken: z.string().nullish(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  displayFinancialStatus: z.string().nullable(),
  displayFulfillmentStatus: z.string().nullable(),
  totalPriceSet: cents,
  customer: reference.optional(),
  refunds: z.array(refund),
  fulfillments: z.array(fulfilment),
})

const line = z.object({
  id: gid,
  quantity: z.int(),
  currentQuantity: z.int(),
  product: reference,
  variant: reference,
  originalUnitPriceSet: cents,
  discountAllocations: z.array(z.object({ allocatedAmountSet: cents })),
})

/**
 * An order with what was sent and given back. Which lines a refund was of, a bulk operation cannot say: refunds that
 * came without are marked as wanted.
 * @param named whether e-mail addresses may be read
 * @throws ZodError where the node is not what was asked for
 */
export function orderChanges(
  node: unknown,
  lines: readonly unknown[],
  named: boolean,
  seen: Seen,
): RecordChange[] {
  const given = order.parse(node)
  const versionMs = versionIn(seen, given.updatedAt)
  return [
    {
      kind: "order",
      id: given.id,
      ...(given.customer === undefined ? {} : { customerId: given.customer?.id ?? null }),
      versionMs,
      fields: {
        createdAtMs: timeIn(seen, given.processedAt) ?? seen.atMs,
        currency: given.currencyCode,
        totalCents: given.totalPriceSet,
        financialStatus: financialWord(given.displayFinancialStatus),
        fulfilmentStatus: fulfilmentWord(given.displayFulfillmentStatus),
        cancelledAtMs: timeIn(seen, given.cancelledAt),
        test: given.test,
        channel: given.sourceName === null ? null : cleanText(given.sourceName, 255),
        // Where it says none, it may be that only the webhook told.
        ...(given.cartToken ? { cartToken: given.cartToken } : {}),
        ...(given.checkoutToken ? { checkoutToken: given.checkoutToken } : {}),
        lines: lines.map(lineOf),
      },
      ...(named
        ? {
            personal: {
              email: emailAddress(given.email ?? null),
              phone: given.phone ? cleanText(given.phone, 255) : null,
            },
          }
        : {}),
    },
    ...given.refunds.flatMap((one) => refundWithoutLines(one, given.id, versionMs, seen)),
    ...given.fulfillments.map((one) => fulfilmentChange(one, given.id, seen)),
  ]
}

function lineOf(node: unknown): OrderLine {
  const given = line.parse(node)
  return {
    id: given.id,
    productId: given.product?.id ?? null,
    variantId: given.variant?.id ?? null,
    quantity: given.quantity,
    currentQuantity: given.currentQuantity,
    priceCents: given.originalUnitPriceSet,
    discountCents: given.discountAllocations.reduce((sum, one) => sum + one.allocatedAmountSet, 0),
  }
}

/** What is told is a little older than what is wanted, so that it does not settle the want itself. */
function refundWithoutLines(
  given: z.infer<typeof refund>,
  orderId: string,
  orderVersionMs: number,
  seen: Seen,
): RecordChange[] {
  const about = { kind: "refund", id: given.id, parentId: orderId } as const
  const versionMs = versionIn(seen, given.createdAt)
  return [
    {
      ...about,
      versionMs: versionMs - 1,
      fields: {
        createdAtMs: timeIn(seen, given.createdAt) ?? orderVersionMs,
        totalCents: given.totalRefundedSet,
      },
    },
    { ...about, versionMs, fields: {}, wanted: true },
  ]
}

const wholeRefund = refund.extend({ order: z.object({ id: gid, updatedAt: z.string() }) })
const refundLine = z.object({ quantity: z.int(), lineItem: z.object({ id: gid }) })

/** A refund that was asked for by itself. @throws ZodError */
export function refundChange(node: unknown, lines: readonly unknown[], seen: Seen): RecordChange {
  const given = wholeRefund.parse(node)
  return {
    kind: "refund",
    id: given.id,
    parentId: given.order.id,
    versionMs: Math.max(versionIn(seen, given.order.updatedAt), versionIn(seen, given.createdAt)),
    fields: {
      createdAtMs: timeIn(seen, given.createdAt) ?? seen.atMs,
      totalCents: given.totalRefundedSet,
      lines: lines.map((one) => {
        const { quantity, lineItem } = refundLine.parse(one)
        return { lineId: lineItem.id, quantity }
      }),
    },
  }
}

/** Words of GraphQL's `displayStatus` that say how far the order is and not how the parcel is. */
const NOT_OF_THE_PARCEL = new Set(["fulfilled", "canceled", "marked_as_fulfilled", "submitted"])

function fulfilmentChange(given: z.infer<typeof fulfilment>, orderId: string, seen: Seen): RecordChange {
  const parcel = given.displayStatus
  return {
    kind: "fulfilment",
    id: given.id,
    parentId: orderId,
    versionMs: versionIn(seen, given.updatedAt),
    fields: {
      createdAtMs: timeIn(seen, given.createdAt) ?? seen.atMs,
      status: given.status,
      shipmentStatus: parcel === null || NOT_OF_THE_PARCEL.has(parcel) ? null : parcel,
    },
  }
}
