/**
 * What one visit adds to the journey map, as edges of one graph. Numbers name the ends: an event type's code for a
 * step, the negative of its code for a stage, and
 *
 *   DOOR → x   the visit began at step x              WAS_AT → x   it was at x (step or stage) at least once
 *   x → DOOR   it ended at step x, or went no further than stage x
 *   x → y      from step x to the next step y; from stage x to the first later stage entered after x
 *
 * An edge counts visits or transitions and keeps a histogram of the seconds between (gap-histogram.ts), so edges add
 * up over visits, and what a visit added can be taken away.
 */
import { bucketOf, GAP_BUCKETS } from "./gap-histogram.ts"
import { STAGES, stageCodeOf } from "./stages.ts"

export const DOOR = 0
export const WAS_AT = -9

export type Edge = {
  from: number
  to: number
  count: number
  /** GAP_BUCKETS counts; empty where there is no time between. */
  gaps: number[]
}

/** Edges by `edgeKey`. */
export type EdgeMap = Map<number, Edge>

export function edgeKey(from: number, to: number): number {
  return (from + 16) * 256 + to + 16
}

/** Adds `count` (negative to take away) to the edge; `gapSeconds` null where there is no time between. */
export function addEdge(edges: EdgeMap, from: number, to: number, count: number, gapSeconds: number | null) {
  const key = edgeKey(from, to)
  let edge = edges.get(key)
  if (edge === undefined) {
    edge = { from, to, count: 0, gaps: [] }
    edges.set(key, edge)
  }
  edge.count += count
  if (gapSeconds === null) return
  if (edge.gaps.length === 0) edge.gaps = new Array<number>(GAP_BUCKETS).fill(0)
  const bucket = bucketOf(gapSeconds)
  edge.gaps[bucket] = (edge.gaps[bucket] ?? 0) + count
}

/** Adds all edges of a visit, `sign` times. */
export function addVisit(
  edges: EdgeMap,
  visit: { steps: readonly number[]; gapSeconds: readonly number[] },
  sign: 1 | -1,
): void {
  const { steps, gapSeconds } = visit
  const first = steps[0]
  const last = steps.at(-1)
  if (first === undefined || last === undefined) return
  addEdge(edges, DOOR, first, sign, null)
  addEdge(edges, last, DOOR, sign, null)
  for (const step of new Set(steps)) addEdge(edges, WAS_AT, step, sign, null)
  for (let index = 1; index < steps.length; index += 1)
    addEdge(edges, steps[index - 1] ?? 0, steps[index] ?? 0, sign, gapSeconds[index - 1] ?? 0)
  addStages(edges, visit, sign)
}

function addStages(
  edges: EdgeMap,
  { steps, gapSeconds }: { steps: readonly number[]; gapSeconds: readonly number[] },
  sign: 1 | -1,
): void {
  // For each stage: seconds from the start of the visit to its first step, and the first later stage after that.
  const reachedAt: (number | undefined)[] = []
  const wentOn: boolean[] = []
  let [seconds, furthest] = [0, 0]
  for (let index = 0; index < steps.length; index += 1) {
    if (index > 0) seconds += gapSeconds[index - 1] ?? 0
    const stage = stageCodeOf(steps[index] ?? 0)
    for (let earlier = 1; earlier < stage; earlier += 1) {
      const since = reachedAt[earlier]
      if (since === undefined || wentOn[earlier]) continue
      wentOn[earlier] = true
      addEdge(edges, -earlier, -stage, sign, seconds - since)
    }
    reachedAt[stage] ??= seconds
    furthest = Math.max(furthest, stage)
  }
  for (let stage = 1; stage <= STAGES.length; stage += 1)
    if (reachedAt[stage] !== undefined) addEdge(edges, WAS_AT, -stage, sign, null)
  addEdge(edges, -furthest, DOOR, sign, null)
}

/** Each step once, in the order of its first time: the visit as a path that others can share. */
export function pathOf(steps: readonly number[]): number[] {
  return [...new Set(steps)]
}
