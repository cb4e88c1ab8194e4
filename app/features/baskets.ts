import type { FeatureEvent } from "./history-inputs.ts"

/** An event with its source's own name of the order: it groups lines, and is no model's input. */
export type PersonEvent = FeatureEvent & { orderRef: string | null }

/**
 * Number of the order that each event of an ordered list is a line of, from 1 as they come; 0 where it is no
 * purchase. An order is the purchase lines that share an order, or without one a time.
 */
export function orderNumbers(ordered: readonly PersonEvent[]): Int32Array {
  const numbers = new Int32Array(ordered.length)
  const known = new Map<string, number>()
  for (const [index, event] of ordered.entries()) {
    if (event.type !== "purchase") continue
    const key = event.orderRef === null ? `at ${event.atMs}` : `order ${event.orderRef}`
    const number = known.get(key) ?? known.size + 1
    known.set(key, number)
    numbers[index] = number
  }
  return numbers
}
