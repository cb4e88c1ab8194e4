import { ACTS, type Detail } from "./acts.ts"
import { ORDER_ACTS } from "./order-acts.ts"
import { makeSmallShop, type Sent } from "./small-shop.ts"

const ALL = [...ACTS, ...ORDER_ACTS]

/** How many things can happen. */
export const ACT_COUNT = ALL.length

/** What happens next, how, and how long after what went before. */
export type Act = Detail & { act: number; gapMs: number }

/** Everything that a small shop sends while these things happen in it, whole and in order. */
export function tellStory(acts: readonly Act[], startMs: number): Sent[] {
  const shop = makeSmallShop(startMs)
  for (const { act, gapMs, ...detail } of acts) {
    shop.nowMs += gapMs
    ALL[act]?.(shop, detail)
  }
  return shop.sent
}
