/**
 * Shopify's money, as text ("19.90"), a number (old payloads) or a set (`{shop_money: {amount}}`, GraphQL's
 * `{shopMoney: {amount}}`), → hundredths of the currency's major unit, as everywhere in this program.
 */
import { z } from "zod"

/** The largest amount that a column of events and products holds (32-bit). */
const MAX_COLUMN_CENTS = 2_147_483_647

const amount = z.union([z.string(), z.number()])
const money = z.union([
  amount,
  z.object({ amount }).transform((one) => one.amount),
  z.object({ shop_money: z.object({ amount }) }).transform((set) => set.shop_money.amount),
  z.object({ shopMoney: z.object({ amount }) }).transform((set) => set.shopMoney.amount),
])

/** @returns undefined where there is no amount, or one that cannot be. */
export function centsOfMoney(value: unknown): number | undefined {
  const parsed = money.safeParse(value)
  if (!parsed.success) return undefined
  const text = String(parsed.data).trim()
  if (!/^-?\d{1,15}(\.\d*)?$/.test(text)) return undefined
  const cents = Math.round(Number(text) * 100)
  if (cents === 0) return 0
  return Number.isSafeInteger(cents) ? cents : undefined
}

/**
 * An amount as a column of events and products holds it. Past the largest one (21 million of the currency's unit: the
 * price of a car in Indonesia) it stands at that: a sale that counts for too little is better than one that is lost.
 */
export function columnCents(cents: number): number {
  return Math.min(cents, MAX_COLUMN_CENTS)
}
