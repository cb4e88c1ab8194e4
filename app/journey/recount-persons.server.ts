import type pg from "pg"
import { type JourneyRow, replaceJourneys, type Standing, writeStandings } from "./journey-rows.server.ts"
import { buildJourneys } from "./journeys.ts"
import { lifecycleOf } from "./lifecycle.ts"
import { countVisit, type MapDelta } from "./map-delta.ts"
import type { BgNbdParameters } from "./p-alive.ts"
import { type PersonWithCut, readPersonEvents } from "./person-events.server.ts"
import { labelVisits, type VisitLabels } from "./person-visits.ts"
import {
  epochMs,
  insertSessions,
  type KeptVisit,
  readKeptVisits,
  type SessionRow,
  takeSessions,
} from "./session-rows.server.ts"
import { buildSessions, SESSION_GAP_MS } from "./sessions.ts"

/** Rows written by one statement. */
const INSERT_ROWS = 5_000

export type CountingRules = { asOfMs: number; bgnbd: BgNbdParameters | null }

/**
 * Counts the persons anew from a time on: their visits, journeys, standing, and (into `delta`) what these change in
 * the map. Visits before the cut stay, unless a label of theirs no longer holds (the person became known, or a bot):
 * then the person is counted from the beginning.
 * @param sinceByPerson epoch milliseconds of the first event that changed
 */
export async function recountPersons(
  client: pg.PoolClient,
  shopId: number,
  sinceByPerson: ReadonlyMap<string, number>,
  rules: CountingRules,
  delta: MapDelta,
): Promise<void> {
  const relabelled = await recountFrom(client, shopId, sinceByPerson, rules, delta)
  if (relabelled.length > 0)
    await recountFrom(client, shopId, new Map(relabelled.map((personId) => [personId, 0])), rules, delta)
}

/** @returns the persons whose earlier visits need new labels; nothing of theirs has been written. */
async function recountFrom(
  client: pg.PoolClient,
  shopId: number,
  sinceByPerson: ReadonlyMap<string, number>,
  rules: CountingRules,
  delta: MapDelta,
): Promise<string[]> {
  const persons = await readPersons(client, shopId, sinceByPerson)
  const personIds = persons.map((person) => person.personId)
  const cuts = persons.map((person) => person.cutMs)
  for (const visit of await takeSessions(client, shopId, personIds, cuts)) countVisit(delta, visit, -1)
  const keptByPerson = await readKeptVisits(client, shopId, personIds)

  const relabelled: string[] = []
  const sessionRows: SessionRow[] = []
  const journeyRows: JourneyRow[] = []
  const standings: Standing[] = []
  const waiting = new Map(persons.map((person) => [person.personId, person]))

  const settle = (person: PersonWithCut, sessions: SessionRow["session"][]) => {
    waiting.delete(person.personId)
    const kept = keptByPerson.get(person.personId) ?? []
    const visits = [...kept, ...sessions]
    const labels = labelVisits(visits, person.known, rules.bgnbd)
    if (kept.some((visit, index) => !sameLabels(visit, labels[index]))) {
      relabelled.push(person.personId)
      return
    }
    for (const [index, session] of sessions.entries()) {
      const label = labels[kept.length + index]
      if (label === undefined) continue
      sessionRows.push({ personId: person.personId, session, labels: label })
      countVisit(delta, { ...session, ...label }, 1)
    }
    const bot = labels.some((label) => label.bot)
    if (!bot)
      for (const journey of buildJourneys(visits, rules.asOfMs))
        journeyRows.push({ personId: person.personId, journey })
    if (person.shopperIds.length > 0)
      standings.push({
        personId: person.personId,
        bot,
        lifecycle: lifecycleOf(purchaseTimes(visits, rules.asOfMs), rules.asOfMs, rules.bgnbd),
      })
  }

  const byId = new Map(persons.map((person) => [person.personId, person]))
  for await (const { personId, events } of readPersonEvents(client, shopId, persons)) {
    const person = byId.get(personId)
    if (person !== undefined) settle(person, buildSessions(events))
    if (sessionRows.length >= INSERT_ROWS) await insertSessions(client, shopId, sessionRows.splice(0))
  }
  for (const person of [...waiting.values()]) settle(person, [])
  if (sessionRows.length > 0) await insertSessions(client, shopId, sessionRows)
  const settled = new Set(personIds)
  for (const personId of relabelled) settled.delete(personId)
  await replaceJourneys(client, shopId, [...settled], journeyRows)
  await writeStandings(client, shopId, standings)
  return relabelled
}

function purchaseTimes(visits: readonly { purchasedMs: number | null }[], asOfMs: number): number[] {
  return visits.flatMap(({ purchasedMs }) =>
    purchasedMs === null || purchasedMs > asOfMs ? [] : [purchasedMs],
  )
}

function sameLabels(kept: KeptVisit, now: VisitLabels | undefined): boolean {
  const then = kept.labels
  return (
    now !== undefined &&
    then.returning === now.returning &&
    then.known === now.known &&
    then.lifecycle === now.lifecycle &&
    then.bot === now.bot &&
    then.channel === now.channel
  )
}

/** The persons with their shoppers, and the cut: the start of the first visit that the change can reach into. */
async function readPersons(
  client: pg.PoolClient,
  shopId: number,
  sinceByPerson: ReadonlyMap<string, number>,
): Promise<PersonWithCut[]> {
  const { rows } = await client.query<{
    person_id: string
    shopper_ids: string[] | null
    known: boolean
    cut_ms: number
  }>(
    `SELECT p.person_id, members.shopper_ids, COALESCE(self.known, false) AS known,
       LEAST(p.since_ms, (
         SELECT ${epochMs("min(s.started_at)")} FROM sessions s
         WHERE s.shop_id = $1 AND s.shopper_id = p.person_id AND s.ended_at >= to_timestamp((p.since_ms - $4) / 1000)
       )) AS cut_ms
     FROM unnest($2::bigint[], $3::float8[]) AS p (person_id, since_ms)
     LEFT JOIN shoppers self ON self.shop_id = $1 AND self.shopper_id = p.person_id
     LEFT JOIN LATERAL (
       SELECT array_agg(m.shopper_id) AS shopper_ids FROM (
         SELECT self.shopper_id WHERE self.merged_into IS NULL AND self.shopper_id IS NOT NULL
         UNION ALL
         SELECT s.shopper_id FROM shoppers s WHERE s.shop_id = $1 AND s.merged_into = p.person_id
       ) m
     ) members ON true`,
    [shopId, [...sinceByPerson.keys()], [...sinceByPerson.values()], SESSION_GAP_MS],
  )
  return rows.map((row) => ({
    personId: row.person_id,
    shopperIds: row.shopper_ids ?? [],
    known: row.known,
    cutMs: row.cut_ms,
  }))
}
