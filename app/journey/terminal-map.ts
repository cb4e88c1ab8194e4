import type { JourneyMap, MapStage } from "./build-map.ts"
import {
  formatCount,
  formatMedian,
  formatPeriod,
  formatShare,
  STAGE_NAMES,
  STEP_NAMES,
  segmentName,
  stepTitle,
} from "./map-wording.ts"

const WIDTH = 100
const BAR_CELLS = 34
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
const STEPS_SHOWN = 4
const PATHS_SHOWN = 6

/** The map as text: at most 40 lines of at most 100 columns. */
export function printJourneyMap(map: JourneyMap): string {
  const most = Math.max(1, ...map.stages.map((stage) => stage.visits))
  const lines = [
    `Journey map · ${segmentName(map.segment)} · ${formatPeriod(map.from, map.to)}`,
    `${formatCount(map.visits)} visits of ${formatCount(map.people)} people, ${formatCount(map.purchases)} with a purchase (${formatShare(map.visits === 0 ? 0 : map.purchases / map.visits)})`,
    "",
    ...map.stages.flatMap((stage) => stageLines(stage, most)),
    "",
    "Most common paths",
    ...map.paths
      .slice(0, PATHS_SHOWN)
      .map(
        (path) =>
          `${formatShare(path.share).padStart(7)}  ${cut(path.steps.map(stepTitle).join(" › "), WIDTH - 30).padEnd(WIDTH - 30)}  ${formatShare(path.conversion).padStart(5)} buy`,
      ),
  ]
  return lines.map((line) => cut(line, WIDTH)).join("\n")
}

function stageLines(stage: MapStage, most: number): string[] {
  const name = STAGE_NAMES[stage.stage].padEnd(9)
  const visits = `${formatCount(stage.visits).padStart(9)} visits`
  const people = `${formatCount(stage.people).padStart(8)} people`
  const steps = stage.steps
    .filter((step) => step.visits > 0)
    .sort((a, b) => b.visits - a.visits)
    .slice(0, STEPS_SHOWN)
    .map((step) => `${STEP_NAMES[step.step]} ${formatCount(step.visits)}`)
    .join(" · ")
  const lines = [`${name} ${bar(stage.visits / most)} ${visits} ${people}`]
  if (stage.steps.length > 1 && steps !== "") lines.push(`          ${steps}`)
  if (stage.next !== null) {
    const [quickest] = stage.onward.filter(({ stage: later }) => later === stage.next?.stage)
    const time = quickest?.median ? `, ${formatMedian(quickest.median)} on` : ""
    lines.push(
      `        ↓ ${formatShare(stage.next.conversion)} reach ${STAGE_NAMES[stage.next.stage].toLowerCase()}${time}; ${formatCount(stage.left)} leave here`,
    )
  }
  return lines
}

function bar(share: number): string {
  const eighths = Math.round(share * BAR_CELLS * 8)
  const drawn = eighths === 0 && share > 0 ? "▏" : "█".repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? "")
  return drawn.padEnd(BAR_CELLS)
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
