/** Reading single fields of a row, shared by events and items. A reason in place of a value sets the row aside. */

/** Why a row was set aside: one closed list, so that counts by reason can be compared between imports. */
export const ROW_REASONS = [
  "bad_json",
  "bad_csv",
  "wrong_column_count",
  "line_too_long",
  "broken_utf8",
  "nul_byte",
  "bad_field",
  "field_too_long",
  "no_shopper",
  "unknown_type",
  "no_time",
  "bad_time",
  "future_time",
  "time_too_early",
  "bad_price",
  "negative_price",
  "bad_currency",
  "bad_quantity",
  "no_item",
  "no_title",
  "bad_available",
] as const

declare global {
  // ES2024; Node has had it since 20, the compiler's library is older.
  interface String {
    isWellFormed(): boolean
  }
}

export type RowReason = (typeof ROW_REASONS)[number]

/** A row as its file gave it, by column. Absent, null and "" mean the same: not given. */
export type RowFields<Column extends string = string> = { readonly [column in Column]?: unknown }

/** The largest amount that fits the column (32-bit minor units). */
const MAX_CENTS = 2_147_483_647

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ""
}

/** What is wrong with a text field, or null. PostgreSQL's text holds neither NUL nor half a surrogate pair. */
export function textProblem(value: unknown, maxLength: number): RowReason | null {
  if (typeof value === "string") {
    if (value.length > maxLength) return "field_too_long"
    if (value.includes("\0")) return "nul_byte"
    return value.isWellFormed() ? null : "broken_utf8"
  }
  return typeof value === "object" && value !== null ? "bad_field" : null
}

/** A text field that has no problem, or undefined where it is not given. A number is its own text: 17850 is "17850". */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value
  return value === undefined || value === null ? undefined : String(value)
}

/** Decimal major units → hundredths; undefined where not given. */
export function centsOf(value: unknown): number | undefined | RowReason {
  if (!isGiven(value)) return undefined
  if (typeof value === "string" && !/^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$/.test(value)) return "bad_price"
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") return "bad_price"
  const major = Number(value)
  if (major < 0) return "negative_price"
  const cents = Math.round(major * 100)
  return cents <= MAX_CENTS ? cents : "bad_price"
}

/** ISO 4217, upper case; undefined where not given, null where it is no currency code. */
export function currencyOf(value: unknown): string | undefined | null {
  if (!isGiven(value)) return undefined
  if (typeof value !== "string" || !/^[A-Za-z]{3}$/.test(value)) return null
  return value.toUpperCase()
}

export function quantityOf(value: unknown): number | undefined | RowReason {
  if (!isGiven(value)) return undefined
  if (typeof value === "string" && !/^\d{1,10}$/.test(value)) return "bad_quantity"
  const quantity = Number(value)
  return Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_CENTS ? quantity : "bad_quantity"
}
