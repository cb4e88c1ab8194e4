/** Parts of GraphQL nodes that several kinds share. Unknown or missing parts are left out, never guessed. */
import { z } from "zod"
import { centsOfMoney } from "../shopify/money.ts"
import { idOf } from "../shopify/shop-ids.ts"
import { msOfTime, versionOf } from "../shopify/shop-time.ts"

export const gid = z.string().transform((value, context) => {
  const id = idOf(value)
  if (id !== undefined) return id
  context.addIssue({ code: "custom", message: "expected gid://shopify/…" })
  return z.NEVER
})

export const reference = z.object({ id: gid }).nullable()

/** {shopMoney: {amount}} or "12.30" → hundredths */
export const cents = z.unknown().transform((value, context) => {
  const amount = centsOfMoney(value)
  if (amount !== undefined) return amount
  context.addIssue({ code: "custom", message: "expected an amount" })
  return z.NEVER
})

export const word = z.string().transform((value) => value.toLowerCase())

/** What a node says, and when the shop was asked: nothing it says is newer. */
export type Seen = { atMs: number }

export function timeIn({ atMs }: Seen, value: string | null): number | null {
  return value === null ? null : (msOfTime(value, atMs) ?? null)
}

export function versionIn({ atMs }: Seen, updatedAt: string): number {
  return versionOf(msOfTime(updatedAt, atMs), atMs)
}
