/** The journey map as people and programs read it, made of counted edges. */
import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import { type MedianEstimate, medianOf } from "./gap-histogram.ts"
import { DOOR, type EdgeMap, edgeKey, WAS_AT } from "./map-edges.ts"
import type { Segment } from "./segments.ts"
import { eventTypeOf, STAGE_CODES, STAGES, type Stage, stageOf } from "./stages.ts"

export type MapStep = {
  step: EventType
  /** Visits that took this step at least once. */
  visits: number
  /** Visits that began with it, and that ended with it. */
  began: number
  ended: number
}

export type MapStage = {
  stage: Stage
  /** Visits that reached the stage, and the different people who made them. */
  visits: number
  people: number
  /** Visits that went no further than this stage. */
  left: number
  /** Visits that reached the next stage as well, in either order; null after the last stage. */
  next: { stage: Stage; visits: number; conversion: number } | null
  /** Where visits went from here: the first later stage, how many, and the time until then. */
  onward: { stage: Stage; visits: number; median: MedianEstimate | null }[]
  steps: MapStep[]
}

export type MapEdge = {
  from: EventType
  to: EventType
  transitions: number
  median: MedianEstimate | null
}

export type MapPath = {
  /** Each step once, in the order of its first time. */
  steps: EventType[]
  visits: number
  /** Of all visits of the map. */
  share: number
  /** Share of them that purchased. */
  conversion: number
}

export type MapQuery = {
  /** First and last day, YYYY-MM-DD, UTC, both included. */
  from: string
  to: string
  segment: Segment
  /** Count only visits that took this step, from there on. */
  start: EventType | null
  /** Count only visits that took this step (after `start`), up to there. */
  end: EventType | null
}

export type JourneyMap = MapQuery & {
  visits: number
  people: number
  /** Visits with a purchase. */
  purchases: number
  revenueCents: number
  stages: MapStage[]
  /** From step to step, most taken first. */
  edges: MapEdge[]
  /** The most common paths, at most MOST_PATHS. */
  paths: MapPath[]
}

export const MOST_PATHS = 10

/** What is counted of the visits of a query. */
export type MapCounts = {
  edges: EdgeMap
  /** Visits by the set of stages that they reached (bits, as in Session.stages). */
  visitsByStages: ReadonlyMap<number, number>
  people: number
  /** By stage, in order. */
  peopleByStage: readonly number[]
  purchases: number
  revenueCents: number
  paths: readonly { steps: readonly number[]; visits: number; purchases: number }[]
}

export function buildJourneyMap(query: MapQuery, counts: MapCounts): JourneyMap {
  let visits = 0
  for (const count of counts.visitsByStages.values()) visits += count
  return {
    ...query,
    visits,
    people: counts.people,
    purchases: counts.purchases,
    revenueCents: counts.revenueCents,
    stages: STAGES.map((stage, index) => buildStage(stage, counts, counts.peopleByStage[index] ?? 0)),
    edges: stepEdges(counts.edges),
    paths: counts.paths.map((path) => ({
      steps: path.steps.map(eventTypeOf),
      visits: path.visits,
      share: ratio(path.visits, visits),
      conversion: ratio(path.purchases, path.visits),
    })),
  }
}

function buildStage(stage: Stage, counts: MapCounts, people: number): MapStage {
  const code = STAGE_CODES[stage]
  const reached = (mask: number) => {
    let visits = 0
    for (const [stages, count] of counts.visitsByStages) if ((stages & mask) === mask) visits += count
    return visits
  }
  const visits = reached(1 << (code - 1))
  const following: Stage | undefined = STAGES.slice(code)[0]
  const both = following === undefined ? 0 : reached((1 << (code - 1)) | (1 << code))
  const count = (from: number, to: number) => counts.edges.get(edgeKey(from, to))?.count ?? 0
  return {
    stage,
    visits,
    people,
    left: count(-code, DOOR),
    next:
      following === undefined ? null : { stage: following, visits: both, conversion: ratio(both, visits) },
    onward: STAGES.slice(code).flatMap((later) => {
      const edge = counts.edges.get(edgeKey(-code, -STAGE_CODES[later]))
      return edge === undefined || edge.count === 0
        ? []
        : [{ stage: later, visits: edge.count, median: medianOf(edge.gaps) }]
    }),
    steps: EVENT_TYPES.filter((type) => stageOf(type) === stage).map((step) => ({
      step,
      visits: count(WAS_AT, EVENT_TYPE_CODES[step]),
      began: count(DOOR, EVENT_TYPE_CODES[step]),
      ended: count(EVENT_TYPE_CODES[step], DOOR),
    })),
  }
}

function stepEdges(edges: EdgeMap): MapEdge[] {
  return [...edges.values()]
    .filter((edge) => edge.from > 0 && edge.to > 0 && edge.count > 0)
    .sort((a, b) => b.count - a.count || a.from - b.from || a.to - b.to)
    .map((edge) => ({
      from: eventTypeOf(edge.from),
      to: eventTypeOf(edge.to),
      transitions: edge.count,
      median: medianOf(edge.gaps),
    }))
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
