/**
 * Where everything of the drawn journey map goes: five columns of steps, ribbons between them, exits below. Pure and
 * deterministic: the same map always gives the same picture.
 *
 * Heights and widths grow with the square root of the counts, so that a step that one visit in a hundred takes is
 * still seen; one scale holds for the whole picture. Ribbons go forward only, from stage to later stage; steps within
 * a stage are joined by thin arcs. What is left out of the drawing is in the table beside it.
 */
import type { EventType } from "../capture/event.ts"
import type { JourneyMap, MapEdge, MapStage } from "./build-map.ts"
import { STAGES, type Stage, stageOf } from "./stages.ts"

export const MAP_WIDTH = 1240
export const MAP_HEIGHT = 656

const SIDE = 28
const NODE_WIDTH = 14
const HEADER_Y = 34
const NODES_TOP = 158
const NODES_BOTTOM = 540
const EXIT_HEIGHT = 58
/** Two lines of label beside each node. */
const LEAST_PITCH = 40
const NODE_GAP = 12
const LEAST_NODE = 4
/** A ribbon is drawn for at least this share of the visits of its source's stage. */
const LEAST_SHARE = 0.004
const MOST_ARCS = 4
const MOST_EXIT = 100

export type PlacedNode = {
  step: EventType
  stage: Stage
  visits: number
  began: number
  ended: number
  x: number
  y: number
  width: number
  height: number
}

export type PlacedRibbon = { edge: MapEdge; from: Stage; to: Stage; path: string; width: number }

export type PlacedColumn = {
  stage: MapStage
  x: number
  /** Top of the heading. */
  headerY: number
  /** The fading exit of the visits that go no further; null where all go on. */
  exit: { x: number; y: number; width: number; height: number; share: number } | null
}

/** The mark between two columns. */
export type PlacedPassage = {
  from: Stage
  to: Stage
  x: number
  y: number
  conversion: number
  medianSeconds: number | null
}

export type JourneyMapLayout = {
  width: number
  height: number
  columns: PlacedColumn[]
  nodes: PlacedNode[]
  ribbons: PlacedRibbon[]
  arcs: PlacedRibbon[]
  passages: PlacedPassage[]
}

export function layoutJourneyMap(map: JourneyMap): JourneyMapLayout {
  const pitch = (MAP_WIDTH - 2 * SIDE - 130) / (STAGES.length - 1)
  const columnX = (stage: Stage) => SIDE + STAGES.indexOf(stage) * pitch
  const scale = heightScale(map)
  const nodes = map.stages.flatMap((stage) => placeNodes(stage, columnX(stage.stage), scale))
  const byStep = new Map(nodes.map((node) => [node.step, node]))
  return {
    width: MAP_WIDTH,
    height: MAP_HEIGHT,
    columns: map.stages.map((stage) => placeColumn(stage, columnX(stage.stage), nodes, scale)),
    nodes,
    ribbons: placeRibbons(map, byStep),
    arcs: placeArcs(map, byStep, scale),
    passages: map.stages.flatMap((stage) => {
      if (stage.next === null) return []
      const { stage: to, conversion } = stage.next
      const median = stage.onward.find((way) => way.stage === to)?.median ?? null
      const x = (columnX(stage.stage) + columnX(to)) / 2 + 44
      return [{ from: stage.stage, to, x, y: HEADER_Y, conversion, medianSeconds: median?.seconds ?? null }]
    }),
  }
}

const shownSteps = (stage: MapStage) => stage.steps.filter((step) => step.visits > 0)

/** Units of height for a square root of visits: the fullest column fills the space. */
function heightScale(map: JourneyMap): number {
  const scales = map.stages.flatMap((stage) => {
    const steps = shownSteps(stage)
    if (steps.length === 0) return []
    const room = NODES_BOTTOM - NODES_TOP - NODE_GAP * (steps.length - 1)
    // Small nodes take the pitch of their label whatever they count: shrink until all of it fits.
    let scale = room / steps.reduce((sum, step) => sum + Math.sqrt(step.visits), 0)
    for (let tries = 0; tries < 40 && columnHeight(steps, scale) > NODES_BOTTOM - NODES_TOP; tries += 1)
      scale *= 0.95
    return [scale]
  })
  return Math.min(...scales, 4)
}

const nodeHeight = (visits: number, scale: number) => Math.max(LEAST_NODE, Math.sqrt(visits) * scale)

const slotHeight = (visits: number, scale: number) =>
  Math.max(LEAST_PITCH, nodeHeight(visits, scale) + NODE_GAP)

function columnHeight(steps: readonly { visits: number }[], scale: number): number {
  return steps.reduce((sum, step) => sum + slotHeight(step.visits, scale), 0) - NODE_GAP
}

function placeNodes(stage: MapStage, x: number, scale: number): PlacedNode[] {
  const steps = shownSteps(stage)
  // Columns share their middle, so that the stream runs level.
  let y = NODES_TOP + Math.max(0, NODES_BOTTOM - NODES_TOP - columnHeight(steps, scale)) / 2
  return steps.map(({ step, visits, began, ended }) => {
    const height = nodeHeight(visits, scale)
    const node = { step, stage: stage.stage, visits, began, ended, x, y, width: NODE_WIDTH, height }
    y += slotHeight(visits, scale)
    return node
  })
}

function placeColumn(stage: MapStage, x: number, nodes: readonly PlacedNode[], scale: number): PlacedColumn {
  const bottom = nodes
    .filter((node) => node.stage === stage.stage)
    .reduce((lowest, node) => Math.max(lowest, node.y + node.height), NODES_TOP)
  const leaves = stage.stage !== "purchase" && stage.left > 0
  const y = bottom + 16
  return {
    stage,
    x,
    headerY: HEADER_Y,
    exit: leaves
      ? {
          x,
          y,
          width: Math.min(MOST_EXIT, Math.max(NODE_WIDTH, Math.sqrt(stage.left) * scale)),
          height: EXIT_HEIGHT,
          share: stage.visits === 0 ? 0 : stage.left / stage.visits,
        }
      : null,
  }
}

type Drawn = { edge: MapEdge; source: PlacedNode; target: PlacedNode; weight: number }

function drawnEdges(
  map: JourneyMap,
  byStep: ReadonlyMap<EventType, PlacedNode>,
  wanted: (source: PlacedNode, target: PlacedNode) => boolean,
): Drawn[] {
  const stageVisits = new Map(map.stages.map((stage) => [stage.stage, stage.visits]))
  return map.edges.flatMap((edge) => {
    const source = byStep.get(edge.from)
    const target = byStep.get(edge.to)
    if (source === undefined || target === undefined || !wanted(source, target)) return []
    if (edge.transitions < LEAST_SHARE * (stageVisits.get(source.stage) ?? 0)) return []
    return [{ edge, source, target, weight: Math.sqrt(edge.transitions) }]
  })
}

const order = (stage: Stage) => STAGES.indexOf(stage)

/** Each ribbon takes its share of both nodes' sides; where it takes less than all, they stand in the middle. */
function placeRibbons(map: JourneyMap, byStep: ReadonlyMap<EventType, PlacedNode>): PlacedRibbon[] {
  const drawn = drawnEdges(map, byStep, (source, target) => order(source.stage) < order(target.stage))
  const leaving = portsOf(drawn, "source")
  const arriving = portsOf(drawn, "target")
  return drawn.map((one) => {
    const from = leaving.get(one) ?? { y: one.source.y, width: 1 }
    const to = arriving.get(one) ?? { y: one.target.y, width: 1 }
    const x1 = one.source.x + one.source.width
    const x2 = one.target.x
    const [top1, bottom1] = [from.y, from.y + from.width]
    const [top2, bottom2] = [to.y, to.y + to.width]
    const bend = (x2 - x1) * 0.5
    const path =
      `M${n(x1)} ${n(top1)}C${n(x1 + bend)} ${n(top1)} ${n(x2 - bend)} ${n(top2)} ${n(x2)} ${n(top2)}` +
      `L${n(x2)} ${n(bottom2)}C${n(x2 - bend)} ${n(bottom2)} ${n(x1 + bend)} ${n(bottom1)} ${n(x1)} ${n(bottom1)}Z`
    const width = Math.max(from.width, to.width)
    return { edge: one.edge, from: stageOfNode(one.source), to: stageOfNode(one.target), path, width }
  })
}

const stageOfNode = (node: PlacedNode): Stage => stageOf(node.step) ?? node.stage

function portsOf(
  drawn: readonly Drawn[],
  side: "source" | "target",
): Map<Drawn, { y: number; width: number }> {
  const other = side === "source" ? "target" : "source"
  const ports = new Map<Drawn, { y: number; width: number }>()
  const byNode = new Map<PlacedNode, Drawn[]>()
  for (const one of drawn) byNode.set(one[side], [...(byNode.get(one[side]) ?? []), one])
  for (const [node, own] of byNode) {
    own.sort((a, b) => a[other].y - b[other].y || a[other].x - b[other].x)
    const total = own.reduce((sum, one) => sum + one.weight, 0)
    // A node of n visits is √n high, so its ribbons are given the same unit unless they would overflow it.
    const unit = Math.min(node.height / Math.sqrt(node.visits), node.height / total)
    let y = node.y + (node.height - unit * total) / 2
    for (const one of own) {
      ports.set(one, { y, width: Math.max(0.75, unit * one.weight) })
      y += unit * one.weight
    }
  }
  return ports
}

/** The most taken ways down a column, on its left side. */
function placeArcs(
  map: JourneyMap,
  byStep: ReadonlyMap<EventType, PlacedNode>,
  scale: number,
): PlacedRibbon[] {
  const drawn = drawnEdges(
    map,
    byStep,
    (source, target) => source.stage === target.stage && source.y < target.y,
  )
  return STAGES.flatMap((stage) =>
    drawn
      .filter((one) => one.source.stage === stage)
      .slice(0, MOST_ARCS)
      .map((one) => {
        const x = one.source.x - 1
        const [y1, y2] = [one.source.y + one.source.height / 2, one.target.y + one.target.height / 2]
        const reach = Math.min(24, 8 + (y2 - y1) * 0.08)
        return {
          edge: one.edge,
          from: stage,
          to: stage,
          path: `M${n(x)} ${n(y1)}C${n(x - reach)} ${n(y1)} ${n(x - reach)} ${n(y2)} ${n(x)} ${n(y2)}`,
          width: Math.max(1, Math.min(8, one.weight * scale * 0.2)),
        }
      }),
  )
}

/** A coordinate with one decimal. */
function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}
