/**
 * Visits. A person's events, in order of time, are one visit until 30 minutes pass without any, or until they come
 * by another campaign: both are Google Analytics' convention for a session. A refund is the shop's doing and belongs
 * to no visit.
 */
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { looksAutomated } from "./bots.ts"
import { stageCodeOf } from "./stages.ts"

export const SESSION_GAP_MINUTES = 30 // Google Analytics' default time-out
export const SESSION_GAP_MS = SESSION_GAP_MINUTES * 60_000

/** A person does not take more steps in a visit than this; the rest of a longer one is left out of the map. */
export const MAX_STEPS = 200

/** One event of a person, as the journey needs it. */
export type JourneyEvent = {
  /** Code of its type (app/capture/event.ts). */
  type: number
  /** Epoch milliseconds. */
  atMs: number
  productId: number | null
  /** Where it came from: "channel" or "channel:campaign". */
  source: string | null
  /** The source's own session, hashed. */
  sourceSession: string | null
  orderRef: string | null
  /** Price times quantity, in cents. */
  amountCents: number
}

export type Session = {
  startedMs: number
  endedMs: number
  source: string | null
  /** How many events. */
  events: number
  /** Event type codes in order, repeats in a row taken as one step. */
  steps: number[]
  /** Whole seconds from each step's first event to the next step's; one fewer than steps. */
  gapSeconds: number[]
  /** Bit `code − 1` is set for each stage reached. */
  stages: number
  /** Code of the furthest stage reached. */
  furthestStage: number
  /** The first purchase, epoch milliseconds. */
  purchasedMs: number | null
  orders: number
  revenueCents: number
  /** Behaves as no shopper does; see bots.ts. */
  automated: boolean
}

/** Storage order: of time, then of the journey, so that equal times always read the same way. */
export function byTime(a: JourneyEvent, b: JourneyEvent): number {
  return a.atMs - b.atMs || a.type - b.type
}

type Visit = { source: string | null; previous: JourneyEvent }

/**
 * A campaign that differs from the visit's starts a new one. A visit that came by none takes the first that is
 * named only while the source itself says that it is the same session; else someone who came back by it is new.
 */
function changesCampaign(visit: Visit, event: JourneyEvent): boolean {
  if (event.source === null || event.source === visit.source) return false
  if (visit.source !== null) return true
  return event.sourceSession === null || event.sourceSession !== visit.previous.sourceSession
}

export function startsSession(visit: Visit | undefined, event: JourneyEvent): boolean {
  if (visit === undefined) return true
  return event.atMs - visit.previous.atMs > SESSION_GAP_MS || changesCampaign(visit, event)
}

/** `events` of one person, ordered by `byTime`. */
export function buildSessions(events: readonly JourneyEvent[]): Session[] {
  const sessions: Session[] = []
  let current: JourneyEvent[] = []
  let visit: Visit | undefined
  for (const event of events) {
    if (stageCodeOf(event.type) === 0) continue
    if (startsSession(visit, event)) {
      if (current.length > 0) sessions.push(summarise(current, visit?.source ?? null))
      current = []
      visit = { source: event.source, previous: event }
    }
    visit = { source: visit?.source ?? event.source, previous: event }
    current.push(event)
  }
  if (current.length > 0) sessions.push(summarise(current, visit?.source ?? null))
  return sessions
}

function summarise(events: readonly JourneyEvent[], source: string | null): Session {
  const steps: number[] = []
  const gapSeconds: number[] = []
  const orders = new Set<string>()
  let [stepStartMs, stages, furthestStage, revenueCents] = [0, 0, 0, 0]
  let purchasedMs: number | null = null
  for (const event of events) {
    const stage = stageCodeOf(event.type)
    stages |= 1 << (stage - 1)
    furthestStage = Math.max(furthestStage, stage)
    if (event.type === EVENT_TYPE_CODES.purchase) {
      purchasedMs ??= event.atMs
      revenueCents += event.amountCents
      // Lines of a source that names no orders belong together where they share their time.
      orders.add(event.orderRef ?? `at ${event.atMs}`)
    }
    if (steps.at(-1) === event.type || steps.length >= MAX_STEPS) continue
    if (steps.length > 0) gapSeconds.push(Math.floor((event.atMs - stepStartMs) / 1000))
    steps.push(event.type)
    stepStartMs = event.atMs
  }
  return {
    startedMs: events[0]?.atMs ?? 0,
    endedMs: events.at(-1)?.atMs ?? 0,
    source,
    events: events.length,
    steps,
    gapSeconds,
    stages,
    furthestStage,
    purchasedMs,
    orders: orders.size,
    revenueCents,
    automated: looksAutomated(events),
  }
}
