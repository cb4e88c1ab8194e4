import { EVENT_TYPE_CODES, type EventType } from "../capture/event.ts"
import { type MapCounts, MOST_PATHS } from "./build-map.ts"
import { addVisit, type EdgeMap, pathOf } from "./map-edges.ts"
import { STAGES, stageCodeOf } from "./stages.ts"

export type PortionVisit = {
  personId: string
  steps: readonly number[]
  gapSeconds: readonly number[]
  purchased: boolean
  revenueCents: number
}

/** The part of a visit from its first `start` to the first `end` after it; null where it has no such part. */
export function portionOf(
  { steps, gapSeconds }: Pick<PortionVisit, "steps" | "gapSeconds">,
  start: EventType | null,
  end: EventType | null,
): { steps: number[]; gapSeconds: number[] } | null {
  const first = start === null ? 0 : steps.indexOf(EVENT_TYPE_CODES[start])
  if (first < 0) return null
  const last = end === null ? steps.length - 1 : steps.indexOf(EVENT_TYPE_CODES[end], first)
  if (last < first) return null
  return { steps: steps.slice(first, last + 1), gapSeconds: gapSeconds.slice(first, last) }
}

/** Counts portions of visits one by one. Visits of one person must come together. */
export function makePortionCounter(start: EventType | null, end: EventType | null) {
  const edges: EdgeMap = new Map()
  const visitsByStages = new Map<number, number>()
  const peopleByStage = STAGES.map(() => 0)
  const paths = new Map<string, { steps: number[]; visits: number; purchases: number }>()
  let [people, purchases, revenueCents] = [0, 0, 0]
  let person: { id: string; stages: number } | undefined
  return {
    add(visit: PortionVisit): void {
      const portion = portionOf(visit, start, end)
      if (portion === null) return
      addVisit(edges, portion, 1)
      const stages = portion.steps.reduce((bits, step) => bits | (1 << (stageCodeOf(step) - 1)), 0)
      visitsByStages.set(stages, (visitsByStages.get(stages) ?? 0) + 1)
      if (person?.id !== visit.personId) {
        person = { id: visit.personId, stages: 0 }
        people += 1
      }
      for (let bit = 0; bit < STAGES.length; bit += 1)
        if (stages & ~person.stages & (1 << bit)) peopleByStage[bit] = (peopleByStage[bit] ?? 0) + 1
      person.stages |= stages
      if (visit.purchased) purchases += 1
      revenueCents += visit.revenueCents
      const steps = pathOf(portion.steps)
      const key = steps.join(" ")
      const path = paths.get(key) ?? { steps, visits: 0, purchases: 0 }
      path.visits += 1
      if (visit.purchased) path.purchases += 1
      paths.set(key, path)
    },
    counts(): MapCounts {
      const common = [...paths.entries()]
        .sort(([a, one], [b, other]) => other.visits - one.visits || (a < b ? -1 : 1))
        .slice(0, MOST_PATHS)
        .map(([, path]) => path)
      return { edges, visitsByStages, people, peopleByStage, purchases, revenueCents, paths: common }
    },
  }
}
