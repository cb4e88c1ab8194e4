import { expect, test } from "vitest"
import type { HistoryPart, KindCompared } from "../surface/shop-history.ts"
import {
  asideText,
  comparedText,
  partPercent,
  partsText,
  partText,
  spokenProgress,
} from "./history-wording.ts"

const part = (over: Partial<HistoryPart>): HistoryPart => ({
  kind: "history_orders",
  state: "reading",
  rowsRead: 12_400,
  rowsExpected: 50_000,
  rowsAside: 0,
  message: null,
  startedAtMs: 0,
  finishedAtMs: null,
  ...over,
})
const compared = (over: Partial<KindCompared>): KindCompared => ({
  kind: "order",
  checked: 50_000,
  missing: 0,
  stale: 0,
  gone: 0,
  ...over,
})

test("how far a part is, is told in lines", () => {
  expect(partText(part({}))).toBe("12,400 of 50,000 lines read")
  expect(partText(part({ rowsExpected: null }))).toBe("12,400 lines read")
  expect(partText(part({ state: "gathering", rowsRead: 0, rowsExpected: 900 }))).toBe(
    "Shopify is gathering them: 900 lines so far",
  )
  expect(partText(part({ state: "done", rowsRead: 1 }))).toBe("1 line read.")
  expect(partText(part({ state: "done", rowsRead: 0 }))).toBe("The shop has none.")
  expect(partText(part({ state: "failed" }))).toBe("12,400 lines read before it stopped; they are kept.")
})

test("more lines than Shopify counted do not pass the whole", () => {
  const more = part({ rowsRead: 120, rowsExpected: 100 })
  expect(partPercent(more)).toBe(100)
  expect(partText(more)).toBe("120 of 120 lines read")
  expect(partPercent(part({ state: "gathering", rowsRead: 0 }))).toBe(0)
})

test("the summary says what is next, what stopped, and that it ended", () => {
  const products = part({ kind: "history_products", state: "done" })
  const waiting = part({ kind: "history_customers", state: "waiting" })
  expect(partsText([products, part({}), waiting])).toBe(
    "1 of 3 read. Next: Customers. You can leave this page: it goes on.",
  )
  expect(partsText([products, part({ state: "failed" })])).toBe("1 of 2 read; 1 stopped.")
  expect(partsText([products])).toContain("All of it is read.")
})

test("a screen reader hears every tenth, and the end", () => {
  const at = (rowsRead: number) => spokenProgress([part({ rowsRead, rowsExpected: 100 })])
  expect(at(41)).toBe("Orders of the last 60 days: 40% read.")
  expect(at(49)).toBe(at(41))
  expect(at(50)).not.toBe(at(49))
  expect(spokenProgress([part({ state: "asking" })])).toContain("waiting for Shopify")
  expect(spokenProgress([part({ state: "done" })])).toBe("Your shop’s history is read.")
  expect(spokenProgress([part({ state: "failed" })])).toContain("could not be read")
})

test.each<[Partial<KindCompared>, string]>([
  [{}, "All 50,000 orders agree."],
  [{ checked: 1 }, "The one order agrees."],
  [{ missing: 3, stale: 2 }, "3 orders were missing and 2 had changed; both are mended."],
  [{ missing: 1 }, "1 order was missing; it is mended."],
  [{ stale: 4 }, "4 orders had changed; all are mended."],
  [
    { kind: "product", missing: 1, stale: 2, gone: 1 },
    "1 product was missing, 2 had changed and 1 was no longer there; all are mended.",
  ],
  [{ kind: "inventory_level", checked: 7 }, "All 7 stock levels agree."],
  [{ kind: "inventory_level", gone: 2 }, "2 stock levels were no longer there; all are mended."],
])("what a comparison found: %o", (counts, words) => {
  expect(comparedText(compared(counts))).toBe(words)
})

test("lines that could not be read are counted", () => {
  expect(asideText(1)).toBe("1 line could not be read and was set aside.")
  expect(asideText(2_000)).toBe("2,000 lines could not be read and were set aside.")
})
