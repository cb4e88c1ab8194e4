import { dayOf } from "./map-days.ts"
import { addVisit, type EdgeMap } from "./map-edges.ts"
import { type Labels, segmentsOf } from "./segments.ts"

/** Changes of the map by "day segment", day as YYYY-MM-DD in UTC. */
export type MapDelta = Map<string, EdgeMap>

/** A visit as the map counts it. */
export type CountedVisit = {
  startedMs: number
  steps: readonly number[]
  gapSeconds: readonly number[]
  bot: boolean
} & Labels

/** Adds a visit to the map, or takes it away. Bots are in no count. */
export function countVisit(delta: MapDelta, visit: CountedVisit, sign: 1 | -1): void {
  if (visit.bot) return
  const day = dayOf(visit.startedMs)
  for (const segment of segmentsOf(visit)) {
    const key = `${day} ${segment}`
    let edges = delta.get(key)
    if (edges === undefined) {
      edges = new Map()
      delta.set(key, edges)
    }
    addVisit(edges, visit, sign)
  }
}
