/** What happens to messages on their way: they come twice, late, in an older shape, in part. */
import type { Sent, Webhook } from "./small-shop.ts"

/** For each message, three small numbers: what happens to it, which part is lost, and where it comes in line. */
export type Disturbance = { kind: number; part: number; place: number }

export type Arrival = { sent: Sent; externalId: string; apiVersion: string }

/** The same messages as they might come: none is lost, some come more than once, and none in its order. */
export function disturb(story: readonly Sent[], disturbances: readonly Disturbance[]): Arrival[] {
  const arrivals = story.flatMap((sent, index) => {
    const { kind, part, place } = disturbances[index % disturbances.length] ?? { kind: 0, part: 0, place: 0 }
    const whole = { sent, externalId: `${index}`, apiVersion: "2026-07", place: place + index * 7 }
    if (sent.door === "block") return kind % 2 ? [whole, { ...whole, place: place * 3 }] : [whole]
    const older = { ...whole, sent: inOlderShape(sent), apiVersion: "2024-10" }
    const partial = { ...whole, sent: inPart(sent, part), externalId: `${index} in part`, place: place * 5 }
    switch (kind % 6) {
      case 0:
        return [whole]
      // The same delivery again: the door drops it.
      case 1:
        return [whole, { ...whole, place: place * 3 }]
      // A delivery of its own with the same content: only what it says makes it a duplicate.
      case 2:
        return [whole, { ...whole, externalId: `${index} again`, place: place * 3 }]
      case 3:
        return [older]
      case 4:
        return [whole, partial]
      default:
        return [older, partial, { ...whole, externalId: `${index} anew`, place: place * 2 }]
    }
  })
  return arrivals.sort((one, other) => one.place - other.place)
}

/**
 * Fields that a part keeps: without these a message would not be about anything, or not say when; and a time of two,
 * or a person named twice, cannot be told by half.
 */
const KEPT = new Set([
  ...[
    "id",
    "token",
    "order_id",
    "customer_id",
    "inventory_item_id",
    "location_id",
    "order_edit",
    "updated_at",
  ],
  ...["created_at", "processed_at", "customer", "email", "contact_email"],
])

function inPart(sent: Webhook, part: number): Webhook {
  const entries = Object.entries(sent.body).filter(
    ([name], index) => KEPT.has(name) || (index + part) % 3 !== 0,
  )
  return { ...sent, body: Object.fromEntries(entries) }
}

/** Shapes of versions before 2023, where they say the same. */
function inOlderShape(sent: Webhook): Webhook {
  return { ...sent, body: olderBody(sent) }
}

function olderBody({ topic, body }: Webhook): Record<string, unknown> {
  if (topic.startsWith("products/") && Array.isArray(body.variants)) {
    const { image: _, ...rest } = body
    return { ...rest, variants: body.variants.map((one) => ({ ...one, price: Number(one.price) })) }
  }
  if (topic.startsWith("orders/") && Array.isArray(body.line_items)) {
    const { total_price: _, ...rest } = body
    return {
      ...rest,
      line_items: body.line_items.map(({ current_quantity: __, price: ___, ...line }) => line),
    }
  }
  return body
}
