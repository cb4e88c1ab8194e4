import { expect, test } from "vitest"
import { eventOfInvoiceLine, retailCatalogue } from "./online-retail.ts"

const invoiceLine = {
  InvoiceNo: "536365",
  StockCode: "85123A",
  Description: "WHITE HANGING HEART",
  Quantity: 6n,
  InvoiceDate: "12/1/10 8:26",
  UnitPrice: 2.55,
  CustomerID: 17850n,
}
const soldAs = (change: Partial<Record<keyof typeof invoiceLine, unknown>>) =>
  eventOfInvoiceLine({ ...invoiceLine, ...change })

test("an invoice line is a purchase on its invoice, the month before the day", () => {
  expect(soldAs({})).toEqual({
    shopper: "17850",
    type: "purchase",
    atMs: Date.UTC(2010, 11, 1, 8, 26),
    item: "85123A",
    priceCents: 255,
    currency: "GBP",
    quantity: 6,
    order: "536365",
  })
})

test("a cancellation is a refund of the quantity that it takes back", () => {
  expect(soldAs({ InvoiceNo: "C536379", Quantity: -3n })).toMatchObject({
    type: "refund",
    quantity: 3,
    order: "C536379",
  })
})

test("lines without a customer share a shopper on one invoice and none across two", () => {
  expect(soldAs({ CustomerID: null })).toMatchObject({ shopper: "invoice-536365" })
  expect(soldAs({ CustomerID: null, InvoiceNo: "536366" })).toMatchObject({ shopper: "invoice-536366" })
})

test("one product that the till writes in lower case is one item", () => {
  expect(soldAs({ StockCode: "85123a " })).toMatchObject({ item: "85123A" })
})

test.each([
  [{ StockCode: "POST" }, "not_a_product"],
  [{ StockCode: "m" }, "not_a_product"],
  [{ StockCode: "BANK CHARGES" }, "not_a_product"],
  [{ StockCode: "gift_0001_20" }, "not_a_product"],
  [{ UnitPrice: 0 }, "no_price"],
  [{ Quantity: -78 }, "stock_adjustment"],
  [{ UnitPrice: -11_062.06 }, "negative_price"],
  [{ InvoiceDate: "13/1/10 8:26" }, "bad_time"],
  [{ InvoiceDate: "2/30/11 8:26" }, "bad_time"],
  [{ InvoiceDate: null }, "bad_time"],
  [{ Quantity: null }, "bad_row"],
  [{ UnitPrice: null }, "bad_row"],
  [{ InvoiceNo: "" }, "bad_row"],
])("%j is left out as %s", (change, reason) => {
  expect(soldAs(change)).toBe(reason)
})

test("an item has its most frequent description and its median price", () => {
  const catalogue = retailCatalogue()
  for (const [title, UnitPrice] of [
    ["damaged", 1],
    ["RED MUG", 2.95],
    ["RED MUG", 2.95],
    [undefined, 9.9],
  ] as const) {
    const event = soldAs({ UnitPrice })
    if (typeof event !== "string") catalogue.add(event, title)
  }
  expect([...catalogue.items()]).toEqual([
    { item: "85123A", title: "RED MUG", priceCents: 295, currency: "GBP" },
  ])
})
