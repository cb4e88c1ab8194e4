/** Events as models see them, for tests of what is made of them. */
import type { PersonEvent } from "../../app/features/baskets.ts"

export const START_MS = Date.UTC(2026, 0, 5)
export const MINUTE_MS = 60_000

/** An event `minutes` after START_MS, known at once, of no product unless `rest` says so. */
export const eventAt = (
  minutes: number,
  type: PersonEvent["type"],
  rest: Partial<PersonEvent> = {},
): PersonEvent => ({
  type,
  atMs: START_MS + minutes * MINUTE_MS,
  receivedMs: START_MS + minutes * MINUTE_MS,
  productId: null,
  priceCents: null,
  quantity: null,
  source: null,
  orderRef: null,
  ...rest,
})
