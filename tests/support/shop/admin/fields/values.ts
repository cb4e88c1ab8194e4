/** Scalars and small objects that many types share. */
import type { AdminContext, Fields } from "../admin-context.ts"

/** Whole seconds, as Shopify shows them. */
export function dateTime(ms: number | null): string | null {
  return ms === null ? null : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

const digitsByCurrency = new Map<string, number>()

function digitsOf(currency: string): number {
  const known = digitsByCurrency.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat("en", { style: "currency", currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  digitsByCurrency.set(currency, digits)
  return digits
}

/** `Money` of a variant: always with the currency's digits. */
export function plainMoney(cents: number, currency: string): string {
  const digits = digitsOf(currency)
  return (cents / 10 ** digits).toFixed(digits)
}

export type Money = { cents: number; currency: string }

export const money = (cents: number, context: AdminContext): Money => ({
  cents,
  currency: context.state.store.shop.currency,
})

/** `Decimal` as Shopify writes it: at least one digit behind the point, none more than it takes. */
function decimal({ cents, currency }: Money): string {
  const text = String(cents / 10 ** digitsOf(currency))
  return text.includes(".") ? text : `${text}.0`
}

export const valueFields = {
  MoneyV2: {
    amount: decimal,
    currencyCode: ({ currency }) => currency,
  } satisfies Fields<Money>,
  MoneyBag: {
    shopMoney: (amount) => amount,
    presentmentMoney: (amount) => amount,
  } satisfies Fields<Money>,
  Count: { count: (count) => count, precision: () => "EXACT" } satisfies Fields<number>,
  Image: {
    url: ({ url }) => url,
    altText: () => null,
  } satisfies Fields<{ url: string }>,
}

/** An address where the shop shows its files. */
export function absoluteUrl(url: string, context: AdminContext): string {
  return new URL(url, context.origin).href
}
