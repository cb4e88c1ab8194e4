import { expect, test } from "vitest"
import type { RecordState } from "./merge-record.ts"
import { orderEvents } from "./order-events.ts"
import type { RecordKind } from "./record.ts"

const AT = Date.UTC(2026, 8, 1)

function state(kind: RecordKind, fields: Record<string, unknown>): RecordState {
  return {
    kind,
    parentKey: null,
    fields: new Map(Object.entries(fields).map(([name, value]) => [name, { value, atMs: AT }])),
    personal: new Map(),
    deletedMs: null,
    wantedMs: null,
    erased: false,
  }
}

const line = (overrides: object = {}) => ({
  id: "71",
  productId: "500",
  variantId: null,
  quantity: 3,
  currentQuantity: 3,
  priceCents: 1_000,
  discountCents: 0,
  ...overrides,
})
const order = (fields: object = {}) =>
  state("order", {
    createdAtMs: AT,
    currency: "EUR",
    test: false,
    cancelledAtMs: null,
    lines: [line()],
    ...fields,
  })
const refund = (recordKey: string, quantity: number, atMs = AT + 1_000) => ({
  recordKey,
  state: state("refund", { createdAtMs: atMs, totalCents: 1, lines: [{ lineId: "71", quantity }] }),
})
const short = (events: ReturnType<typeof orderEvents>) =>
  events.map(({ type, quantity, priceCents, atMs }) => `${type} ${quantity}×${priceCents} +${atMs - AT}`)

test("an event has the shop's own id, and names order, product and currency", () => {
  expect(orderEvents("1", order(), [refund("9", 1)])).toEqual([
    {
      type: "purchase",
      atMs: AT,
      item: "500",
      currency: "EUR",
      priceCents: 1_000,
      quantity: 3,
      order: "1",
      id: "order:1:71",
    },
    {
      type: "refund",
      atMs: AT + 1_000,
      item: "500",
      currency: "EUR",
      priceCents: 1_000,
      quantity: 1,
      order: "1",
      id: "refund:9:71",
    },
  ])
})

test("a line of no product is money all the same", () => {
  const [event] = orderEvents("1", order({ lines: [line({ productId: null })] }), [])
  expect(event).not.toHaveProperty("item")
  expect(event).toMatchObject({ type: "purchase", priceCents: 1_000 })
})

test("a discount on the line is spread over its units, and never makes a price negative", () => {
  expect(short(orderEvents("1", order({ lines: [line({ discountCents: 100 })] }), []))).toEqual([
    "purchase 3×967 +0",
  ])
  expect(short(orderEvents("1", order({ lines: [line({ discountCents: 9_000 })] }), []))).toEqual([
    "purchase 3×0 +0",
  ])
})

test("units that the order has no more count as bought where they were refunded, as edited away where not", () => {
  const left = order({ lines: [line({ currentQuantity: 1 })] })
  expect(short(orderEvents("1", left, []))).toEqual(["purchase 1×1000 +0"])
  expect(short(orderEvents("1", left, [refund("9", 1)]))).toEqual([
    "purchase 2×1000 +0",
    "refund 1×1000 +1000",
  ])
  expect(orderEvents("1", order({ lines: [line({ currentQuantity: 0 })] }), [])).toEqual([])
})

test("never more is given back than was bought, and the oldest refunds count", () => {
  expect(short(orderEvents("1", order(), [refund("b", 2, AT + 3_000), refund("a", 2, AT + 2_000)]))).toEqual([
    "purchase 3×1000 +0",
    "refund 2×1000 +2000",
    "refund 1×1000 +3000",
  ])
})

test("a cancelled order gives back what is left, also where it was emptied", () => {
  const cancelled = order({ cancelledAtMs: AT + 9_000, lines: [line({ currentQuantity: 0 })] })
  expect(short(orderEvents("1", cancelled, [refund("9", 1)]))).toEqual([
    "purchase 3×1000 +0",
    "refund 1×1000 +1000",
    "refund 2×1000 +9000",
  ])
})

test("an order of which too little is known, a test and a deleted one say nothing", () => {
  expect(orderEvents("1", null, [refund("9", 1)])).toEqual([])
  expect(orderEvents("1", state("order", { createdAtMs: AT }), [])).toEqual([])
  expect(orderEvents("1", state("order", { lines: [line()] }), [])).toEqual([])
  expect(orderEvents("1", order({ test: true }), [])).toEqual([])
  expect(orderEvents("1", { ...order(), deletedMs: AT }, [])).toEqual([])
})

test("a price that no column holds is the largest one", () => {
  const dear = order({
    currency: "IDR",
    lines: [line({ priceCents: 3_000_000_000, quantity: 1, currentQuantity: 1 })],
  })
  expect(short(orderEvents("1", dear, []))).toEqual(["purchase 1×2147483647 +0"])
})
