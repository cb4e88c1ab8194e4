/** What the admin says of a shop's history and of the comparison, in a merchant's words. */
import { type HistoryPart, isAtWork, type KindCompared } from "../surface/shop-history.ts"
import { formatCount, plural } from "./wording.ts"

export const partName: Record<HistoryPart["kind"], string> = {
  history_products: "Products",
  history_inventory: "Stock",
  history_collections: "Collections",
  history_customers: "Customers",
  history_orders: "Orders of the last 60 days",
  history_all_orders: "All orders",
}

/** The one line under a part's name; none where its badge says all. */
export function partText(part: HistoryPart): string {
  const { rowsRead, rowsExpected } = part
  const lines = plural(rowsRead, "line")
  switch (part.state) {
    case "waiting":
      return ""
    case "asking":
      return "Asking Shopify for them…"
    case "gathering":
      return rowsExpected === null || rowsExpected === 0
        ? "Shopify is gathering them…"
        : `Shopify is gathering them: ${plural(rowsExpected, "line")} so far`
    case "reading":
      return rowsExpected === null ? `${lines} read` : `${formatCount(rowsRead)} of ${lineCount(part)} read`
    case "done":
      return rowsRead === 0 ? "The shop has none." : `${lines} read.`
    case "failed":
      return rowsRead === 0 ? "Nothing was read." : `${lines} read before it stopped; they are kept.`
    default:
      return part.state satisfies never
  }
}

/** What is read can be more than was said: the shop goes on selling. */
const lineCount = ({ rowsRead, rowsExpected }: HistoryPart) =>
  plural(Math.max(rowsRead, rowsExpected ?? 0), "line")

/** 0–100 */
export function partPercent({ state, rowsRead, rowsExpected }: HistoryPart): number {
  if (state !== "reading" || !rowsExpected) return 0
  return Math.min(100, Math.floor((rowsRead / rowsExpected) * 100))
}

export const asideText = (rows: number): string =>
  `${plural(rows, "line")} could not be read and ${rows === 1 ? "was" : "were"} set aside.`

/** For those who hear the page: changes with every tenth and not with every look. */
export function spokenProgress(parts: readonly HistoryPart[]): string {
  const part = parts.find(isAtWork)
  if (!part)
    return parts.some(({ state }) => state === "failed")
      ? "Part of your shop’s history could not be read."
      : "Your shop’s history is read."
  const tenth = Math.floor(partPercent(part) / 10) * 10
  return part.state === "reading"
    ? `${partName[part.kind]}: ${tenth}% read.`
    : `${partName[part.kind]}: waiting for Shopify.`
}

export const partsText = (parts: readonly HistoryPart[]): string => {
  const next = parts.find(({ state }) => state === "waiting")
  const done = parts.filter(({ state }) => state === "done").length
  const failed = parts.filter(({ state }) => state === "failed").length
  if (parts.some(isAtWork))
    return [
      `${done} of ${parts.length} read.`,
      ...(next ? [`Next: ${partName[next.kind]}.`] : []),
      "You can leave this page: it goes on.",
    ].join(" ")
  if (failed > 0) return `${done} of ${parts.length} read; ${failed} stopped.`
  return "All of it is read. What happens from now on comes by itself."
}

/** One and many of each kind. */
const KIND_WORDS: Record<KindCompared["kind"], [one: string, many: string]> = {
  shop: ["shop", "shops"],
  product: ["product", "products"],
  collection: ["collection", "collections"],
  inventory_level: ["stock level", "stock levels"],
  customer: ["customer", "customers"],
  marketing_consent: ["marketing consent", "marketing consents"],
  cart: ["cart", "carts"],
  checkout: ["checkout", "checkouts"],
  order: ["order", "orders"],
  refund: ["refund", "refunds"],
  fulfilment: ["fulfilment", "fulfilments"],
}

/** "All 50,000 orders agree.", "3 orders were missing and 2 had changed; both are mended." */
export function comparedText({ kind, checked, missing, stale, gone }: KindCompared): string {
  const [one, many] = KIND_WORDS[kind]
  const differences = [
    { count: missing, words: missing === 1 ? "was missing" : "were missing" },
    { count: stale, words: "had changed" },
    { count: gone, words: gone === 1 ? "was no longer there" : "were no longer there" },
  ].filter(({ count }) => count > 0)
  if (differences.length === 0)
    return checked === 1 ? `The one ${one} agrees.` : `All ${plural(checked, one, many)} agree.`
  const told = differences.map(({ count, words }, index) =>
    index === 0 ? `${plural(count, one, many)} ${words}` : `${formatCount(count)} ${words}`,
  )
  const total = differences.reduce((sum, { count }) => sum + count, 0)
  const ending =
    total === 1 ? "it is mended" : differences.length === 2 ? "both are mended" : "all are mended"
  const before = told.slice(0, -1).join(", ")
  return `${before ? `${before} and ` : ""}${told.at(-1)}; ${ending}.`
}

/** "1,200 products, 50,000 orders" */
export const countedText = (kinds: readonly KindCompared[]): string =>
  kinds.map(({ kind, checked }) => plural(checked, ...KIND_WORDS[kind])).join(", ")
