import type { PlainEvent } from "../../../../app/capture/event.ts"
import { DAY_MS, MINUTE_MS } from "../people/calendar.ts"
import { makeRandom } from "../random.ts"

/**
 * From what happened to what arrived. The file is in order of receipt. A late delivery is a line that stands
 * after lines of later events; a duplicate is the same event delivered again, with the same `id`, moments or
 * days after. Nothing is delivered after the end: what would be, is on time.
 */
export type Delivery = { events: PlainEvent[]; lateIds: string[]; duplicateIds: string[] }

const LATE_SHARE = 0.015
const DUPLICATE_SHARE = 0.012

export function deliver(seed: number, happened: readonly PlainEvent[], endMs: number): Delivery {
  const random = makeRandom(`delivery|${seed}`)
  const lines: { receivedMs: number; ordinal: number; event: PlainEvent }[] = []
  const lateIds: string[] = []
  const duplicateIds: string[] = []
  for (const event of happened) {
    let receivedMs = event.atMs + 50 + random.integer(700)
    if (random.chance(LATE_SHARE)) {
      // Phones without signal: mostly minutes, now and then days.
      const lateMs =
        event.atMs + MINUTE_MS * Math.min(3 * 24 * 60, 4 * Math.exp(1.7 * Math.abs(random.normal())))
      if (lateMs < endMs) {
        receivedMs = lateMs
        if (event.id) lateIds.push(event.id)
      }
    }
    lines.push({ receivedMs, ordinal: lines.length, event })
    if (random.chance(DUPLICATE_SHARE)) {
      const againMs =
        receivedMs + (random.chance(0.8) ? random.between(200, 90_000) : random.between(0.05, 2) * DAY_MS)
      if (againMs < endMs) {
        lines.push({ receivedMs: againMs, ordinal: lines.length, event })
        if (event.id) duplicateIds.push(event.id)
      }
    }
  }
  lines.sort((a, b) => a.receivedMs - b.receivedMs || a.ordinal - b.ordinal)
  return { events: lines.map((line) => line.event), lateIds, duplicateIds }
}
