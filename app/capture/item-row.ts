import type { PlainItem } from "./event.ts"
import {
  centsOf,
  currencyOf,
  isGiven,
  type RowFields,
  type RowReason,
  textOf,
  textProblem,
} from "./row-fields.ts"

export const ITEM_COLUMNS = [
  "item",
  "title",
  "description",
  "category",
  "brand",
  "price",
  "currency",
  "image",
  "available",
] as const
export type ItemColumn = (typeof ITEM_COLUMNS)[number]
export const REQUIRED_ITEM_COLUMNS: readonly ItemColumn[] = ["item", "title"]

const MAX_NAME = 255
const MAX_TITLE = 1_000
const MAX_DESCRIPTION = 100_000
/** Long enough for a small image given as a data URL. */
const MAX_IMAGE = 100_000

/** One row of an items file, checked; or the reason to set it aside. */
export function parseItemRow(row: RowFields<ItemColumn>): PlainItem | RowReason {
  const problem =
    textProblem(row.item, MAX_NAME) ??
    textProblem(row.title, MAX_TITLE) ??
    textProblem(row.description, MAX_DESCRIPTION) ??
    textProblem(row.category, MAX_NAME) ??
    textProblem(row.brand, MAX_NAME) ??
    textProblem(row.image, MAX_IMAGE)
  if (problem !== null) return problem
  const item = textOf(row.item)
  if (item === undefined) return "no_item"
  const title = textOf(row.title)
  if (title === undefined) return "no_title"
  const priceCents = centsOf(row.price)
  if (typeof priceCents === "string") return priceCents
  const currency = currencyOf(row.currency)
  if (currency === null) return "bad_currency"
  const available = availableOf(row.available)
  if (available === null) return "bad_available"
  return {
    item,
    title,
    description: textOf(row.description),
    category: textOf(row.category),
    brand: textOf(row.brand),
    priceCents,
    currency,
    image: textOf(row.image),
    available,
  }
}

function availableOf(value: unknown): boolean | undefined | null {
  if (!isGiven(value)) return undefined
  switch (String(value).toLowerCase()) {
    case "true":
    case "1":
    case "yes":
    case "t":
      return true
    case "false":
    case "0":
    case "no":
    case "f":
      return false
    default:
      return null
  }
}
