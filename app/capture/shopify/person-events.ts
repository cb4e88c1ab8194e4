/** What a customer's and an unfinished checkout's records say that a person did. */
import { z } from "zod"
import type { RecordState } from "./merge-record.ts"
import type { RecordEvent } from "./record-event.ts"
import { fieldOf } from "./record-fields.ts"

/** A customer with an account has registered. */
export function customerEvents(recordKey: string, customer: RecordState | null): RecordEvent[] {
  const createdMs = fieldOf(customer, "createdAtMs", z.number())
  return createdMs !== undefined && fieldOf(customer, "account", z.boolean())
    ? [{ type: "register", atMs: createdMs, id: `register:${recordKey}` }]
    : []
}

/** The shop tells when a checkout began and what is filled in by now, not when: all of it counts at its beginning. */
export function checkoutEvents(recordKey: string, checkout: RecordState | null): RecordEvent[] {
  const atMs = fieldOf(checkout, "createdAtMs", z.number())
  if (atMs === undefined) return []
  const filled = (["contact", "address", "shipping"] as const).filter((step) =>
    fieldOf(checkout, step, z.boolean()),
  )
  return [
    { type: "checkout_start", atMs, id: `checkout:${recordKey}:start` },
    ...filled.map((step) => ({
      type: `checkout_${step}` as const,
      atMs,
      id: `checkout:${recordKey}:${step}`,
    })),
  ]
}
