/**
 * What the tables should hold, worked out in memory from the list of events alone: no batches, no order of arrival,
 * no database.
 */
import { EVENT_TYPE_CODES } from "../../app/capture/event.ts"
import { joinVisitors } from "../../app/journey/joins.ts"
import { buildJourneys } from "../../app/journey/journeys.ts"
import { lifecycleOf } from "../../app/journey/lifecycle.ts"
import { countVisit, type MapDelta } from "../../app/journey/map-delta.ts"
import type { BgNbdParameters } from "../../app/journey/p-alive.ts"
import { labelVisits } from "../../app/journey/person-visits.ts"
import { buildSessions, byTime, type JourneyEvent } from "../../app/journey/sessions.ts"
import type { EventRow } from "./event-rows.ts"

export type JourneyTables = { people: string[]; sessions: string[]; journeys: string[]; edges: string[] }

const NAMING = new Set(["register", "login", "checkout_contact", "purchase"])

/** Who each shopper is, and who is known. */
function identities(events: readonly EventRow[]) {
  const known = new Set(events.flatMap((event) => (NAMING.has(event.type) ? [event.shopper] : [])))
  const met = new Set(
    events.flatMap((event) => [
      ...(event.session == null ? [] : [`${event.session} ${event.shopper}`]),
      ...(event.order == null ? [] : [`order-${event.order} ${event.shopper}`]),
    ]),
  )
  const joined = joinVisitors(
    [...met].map((pair) => {
      const [link = "", shopperId = ""] = pair.split(" ")
      return { link, shopperId, personId: shopperId, known: known.has(shopperId) }
    }),
  )
  return { known, personOf: (shopper: string) => joined.get(shopper) ?? shopper }
}

export function expectedTables(
  shoppers: readonly string[],
  events: readonly EventRow[],
  asOfMs: number,
  bgnbd: BgNbdParameters | null,
): JourneyTables {
  const { known, personOf } = identities(events)
  const tables: JourneyTables = { people: [], sessions: [], journeys: [], edges: [] }
  const map: MapDelta = new Map()
  const standing = new Map<string, { bot: boolean; lifecycle: string | null }>()
  for (const person of shoppers.filter((shopper) => personOf(shopper) === shopper)) {
    const own: JourneyEvent[] = events
      .filter((event) => personOf(event.shopper) === person)
      .map((event) => ({
        type: EVENT_TYPE_CODES[event.type],
        atMs: event.atMs,
        productId: event.product ?? null,
        source: event.source ?? null,
        sourceSession: event.session ?? null,
        orderRef: event.order ?? null,
        amountCents: event.priceCents ?? 0,
      }))
      .sort(byTime)
    const sessions = buildSessions(own)
    const labels = labelVisits(sessions, known.has(person), bgnbd)
    for (const [index, session] of sessions.entries()) {
      const label = labels[index]
      if (label === undefined) continue
      countVisit(map, { ...session, ...label }, 1)
      const { startedMs, endedMs, steps, gapSeconds, stages, purchasedMs, orders, revenueCents } = session
      const { returning, lifecycle, bot, channel } = label
      tables.sessions.push(
        JSON.stringify([
          ...[person, startedMs, endedMs, steps, gapSeconds, stages, purchasedMs, orders, revenueCents],
          ...[returning, label.known, lifecycle, bot, channel],
        ]),
      )
    }
    const bot = labels.some((label) => label.bot)
    if (!bot)
      for (const journey of buildJourneys(sessions, asOfMs)) {
        const { startedMs, endedMs, furthestStage, outcome, revenueCents } = journey
        tables.journeys.push(
          JSON.stringify([
            person,
            startedMs,
            endedMs,
            journey.sessions,
            furthestStage,
            outcome,
            revenueCents,
          ]),
        )
      }
    const purchases = sessions.flatMap(({ purchasedMs }) => (purchasedMs === null ? [] : [purchasedMs]))
    standing.set(person, { bot, lifecycle: lifecycleOf(purchases, asOfMs, bgnbd) })
  }
  for (const shopper of shoppers) {
    const person = personOf(shopper)
    const own = standing.get(person)
    const merged = person === shopper ? null : person
    const lifecycle = merged === null ? (own?.lifecycle ?? null) : null
    tables.people.push(JSON.stringify([shopper, known.has(shopper), merged, own?.bot ?? false, lifecycle]))
  }
  for (const [key, edges] of map)
    for (const { from, to, count, gaps } of edges.values())
      tables.edges.push(JSON.stringify([key, from, to, count, gaps]))
  for (const rows of Object.values(tables)) rows.sort()
  return tables
}
