import { isBot } from "./bots.ts"
import { type Lifecycle, lifecycleOf } from "./lifecycle.ts"
import type { BgNbdParameters } from "./p-alive.ts"
import { channelOf, type Labels } from "./segments.ts"
import type { Session } from "./sessions.ts"

/** What a person's visits are labelled by; every label depends on what was there when the visit began, or on the person. */
export type VisitLabels = Labels & { bot: boolean }

type Visit = Pick<Session, "startedMs" | "source" | "automated" | "stages" | "purchasedMs">

/**
 * Labels of all visits of one person, in order of time.
 * @param parameters of the shop's BG/NBD fit, or null
 */
export function labelVisits(
  visits: readonly Visit[],
  known: boolean,
  parameters: BgNbdParameters | null,
): VisitLabels[] {
  const bot = isBot(visits)
  const purchases: number[] = []
  return visits.map((visit, index) => {
    const lifecycle: Lifecycle | null = lifecycleOf(purchases, visit.startedMs, parameters)
    if (visit.purchasedMs !== null) purchases.push(visit.purchasedMs)
    return { returning: index > 0, known, lifecycle, bot, channel: channelOf(visit.source) }
  })
}
