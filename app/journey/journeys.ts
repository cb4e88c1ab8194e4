/**
 * Journeys: the visits from the first one after a purchase to the one that purchases again, or to 30 days without a
 * visit (the default conversion window of Google Ads and of Shopify's own attribution). What follows a purchase in
 * the same visit, the thank-you page say, belongs to it and starts no journey.
 */
import type { Session } from "./sessions.ts"

export const JOURNEY_SILENCE_DAYS = 30
const SILENCE_MS = JOURNEY_SILENCE_DAYS * 86_400_000

export const JOURNEY_OUTCOMES = ["open", "purchased", "abandoned"] as const
export type JourneyOutcome = (typeof JOURNEY_OUTCOMES)[number]

export type Journey = {
  startedMs: number
  endedMs: number
  sessions: number
  furthestStage: number
  outcome: JourneyOutcome
  revenueCents: number
}

type Visit = Pick<Session, "startedMs" | "endedMs" | "furthestStage" | "purchasedMs" | "revenueCents">

/** `sessions` of one person, in order of time. */
export function buildJourneys(sessions: readonly Visit[], asOfMs: number): Journey[] {
  const journeys: Journey[] = []
  let open: Journey | undefined
  for (const session of sessions) {
    if (open !== undefined && session.startedMs - open.endedMs > SILENCE_MS) {
      journeys.push({ ...open, outcome: "abandoned" })
      open = undefined
    }
    open = {
      startedMs: open?.startedMs ?? session.startedMs,
      endedMs: session.endedMs,
      sessions: (open?.sessions ?? 0) + 1,
      furthestStage: Math.max(open?.furthestStage ?? 0, session.furthestStage),
      outcome: "open",
      revenueCents: (open?.revenueCents ?? 0) + session.revenueCents,
    }
    if (session.purchasedMs !== null) {
      journeys.push({ ...open, outcome: "purchased" })
      open = undefined
    }
  }
  if (open !== undefined)
    journeys.push({ ...open, outcome: asOfMs - open.endedMs > SILENCE_MS ? "abandoned" : "open" })
  return journeys
}
