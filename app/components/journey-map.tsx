import { useId } from "react"
import type { JourneyMap } from "../journey/build-map.ts"
import {
  type JourneyMapLayout,
  layoutJourneyMap,
  type PlacedColumn,
  type PlacedNode,
  type PlacedPassage,
  type PlacedRibbon,
} from "../journey/map-layout.ts"
import {
  formatCount,
  formatMedian,
  formatPeriod,
  formatSeconds,
  formatShare,
  STAGE_NAMES,
  STEP_NAMES,
  segmentName,
  stepTitle,
} from "../journey/map-wording.ts"
import type { Stage } from "../journey/stages.ts"

/** Okabe and Ito's palette, told apart with every kind of colour blindness; place and label say the same. */
const COLOURS: Record<Stage, string> = {
  sign_in: "#56b4e9",
  browse: "#0072b2",
  cart: "#e69f00",
  checkout: "#b5669a",
  purchase: "#009e73",
}
const INK = "#1f2933"
const QUIET = "#616e7c"
const FONT = "Inter, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

/** The journey map as a drawing. Needs no styles, no script and no Polaris; it grows with its box. */
export function JourneyMapDrawing({ map }: { map: JourneyMap }) {
  const id = useId().replaceAll(":", "")
  const layout = layoutJourneyMap(map)
  return (
    <svg
      role="img"
      aria-labelledby={`${id}-title ${id}-description`}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      style={{ display: "block", width: "100%", height: "auto", fontFamily: FONT }}
    >
      <title id={`${id}-title`}>
        {`Journey map: ${segmentName(map.segment)}, ${formatPeriod(map.from, map.to)}`}
      </title>
      <desc id={`${id}-description`}>{describe(map)}</desc>
      <defs>
        {layout.columns.map(({ stage: { stage } }) => (
          <linearGradient key={stage} id={`${id}-exit-${stage}`} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor={COLOURS[stage]} stopOpacity="0.32" />
            <stop offset="1" stopColor={COLOURS[stage]} stopOpacity="0" />
          </linearGradient>
        ))}
        {layout.ribbons.map(({ edge, from, to }) => (
          <linearGradient key={`${edge.from}-${edge.to}`} id={`${id}-${edge.from}-${edge.to}`}>
            <stop offset="0" stopColor={COLOURS[from]} />
            <stop offset="1" stopColor={COLOURS[to]} />
          </linearGradient>
        ))}
      </defs>
      {layout.columns.map((column) => (
        <Exit key={column.stage.stage} column={column} fill={`url(#${id}-exit-${column.stage.stage})`} />
      ))}
      {layout.ribbons.map((ribbon) => (
        <path
          key={ribbon.path}
          d={ribbon.path}
          fill={`url(#${id}-${ribbon.edge.from}-${ribbon.edge.to})`}
          fillOpacity="0.34"
        >
          <title>{edgeText(ribbon)}</title>
        </path>
      ))}
      {layout.arcs.map((arc) => (
        <path
          key={arc.path}
          d={arc.path}
          fill="none"
          stroke={COLOURS[arc.from]}
          strokeOpacity="0.38"
          strokeWidth={arc.width}
        >
          <title>{edgeText(arc)}</title>
        </path>
      ))}
      {layout.nodes.map((node) => (
        <StepNode key={node.step} node={node} />
      ))}
      {layout.columns.map((column) => (
        <Heading key={column.stage.stage} column={column} />
      ))}
      {layout.passages.map((passage) => (
        <Passage key={passage.from} passage={passage} />
      ))}
      <Success layout={layout} map={map} />
      <text x={layout.columns[0]?.x} y={layout.height - 14} fontSize="11" fill={QUIET}>
        Heights and widths grow with the square root of the counts. Times are medians. Bots are left out.
      </text>
    </svg>
  )
}

function Heading({ column: { stage, x, headerY } }: { column: PlacedColumn }) {
  return (
    <g>
      <text x={x} y={headerY} fontSize="13" fontWeight="600" fill={QUIET}>
        {STAGE_NAMES[stage.stage]}
      </text>
      <text x={x} y={headerY + 35} fontSize="30" fontWeight="650" fill={INK} letterSpacing="-0.6">
        {formatCount(stage.visits)}
      </text>
      <text x={x} y={headerY + 56} fontSize="12" fill={QUIET}>
        visits · {formatCount(stage.people)} people
      </text>
      <rect x={x} y={headerY + 72} width="42" height="3" rx="1.5" fill={COLOURS[stage.stage]} />
    </g>
  )
}

function Passage({ passage: { from, to, x, y, conversion, medianSeconds } }: { passage: PlacedPassage }) {
  return (
    <g textAnchor="middle">
      <title>
        {`${formatShare(conversion)} of the visits in ${STAGE_NAMES[from].toLowerCase()} also reach ${STAGE_NAMES[to].toLowerCase()}`}
      </title>
      <text x={x} y={y + 32} fontSize="15" fontWeight="650" fill={INK}>
        {formatShare(conversion)}
      </text>
      <path
        d={`M${x - 26} ${y + 42}H${x + 24}M${x + 19} ${y + 38}l5 4l-5 4`}
        fill="none"
        stroke="#9aa5b1"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <text x={x} y={y + 60} fontSize="11" fill={QUIET}>
        {medianSeconds === null ? "" : `in ${formatSeconds(medianSeconds)}`}
      </text>
    </g>
  )
}

function Success({ layout, map }: { layout: JourneyMapLayout; map: JourneyMap }) {
  const node = layout.nodes.find(({ step }) => step === "purchase")
  if (node === undefined) return null
  const y = node.y + Math.max(node.height, 30) + 24
  return (
    <text x={node.x} y={y} fontSize="12" fontWeight="600" fill={INK}>
      {`${formatShare(map.purchases / map.visits)} of all visits`}
    </text>
  )
}

function StepNode({ node }: { node: PlacedNode }) {
  const middle = node.y + node.height / 2
  const labelY = node.height < 34 ? node.y + Math.min(10, node.height / 2 + 4) : middle - 3
  return (
    <g>
      <title>
        {`${STEP_NAMES[node.step]}: ${formatCount(node.visits)} visits; ${formatCount(node.began)} begin and ${formatCount(node.ended)} end here`}
      </title>
      <rect
        x={node.x}
        y={node.y}
        width={node.width}
        height={node.height}
        rx={Math.min(3, node.height / 2)}
        fill={COLOURS[node.stage]}
      />
      <g
        style={{ paintOrder: "stroke" }}
        stroke="#ffffff"
        strokeOpacity="0.85"
        strokeWidth="3.5"
        strokeLinejoin="round"
      >
        <text x={node.x + node.width + 8} y={labelY} fontSize="12.5" fontWeight="600" fill={INK}>
          {STEP_NAMES[node.step]}
        </text>
        <text x={node.x + node.width + 8} y={labelY + 15} fontSize="11.5" fill={QUIET}>
          {formatCount(node.visits)}
        </text>
      </g>
    </g>
  )
}

function Exit({ column: { stage, exit }, fill }: { column: PlacedColumn; fill: string }) {
  if (exit === null) return null
  return (
    <g>
      <path d={`M${exit.x} ${exit.y}h${exit.width}v${exit.height}h${-exit.width}z`} fill={fill} />
      <text x={exit.x + exit.width + 8} y={exit.y + 18} fontSize="12" fontWeight="600" fill={INK}>
        {formatCount(stage.left)} leave
      </text>
      <text x={exit.x + exit.width + 8} y={exit.y + 33} fontSize="11.5" fill={QUIET}>
        {formatShare(exit.share)} of {STAGE_NAMES[stage.stage].toLowerCase()}
      </text>
    </g>
  )
}

function edgeText({ edge }: PlacedRibbon): string {
  const time = edge.median === null ? "" : `, ${formatMedian(edge.median)} between (median)`
  return `${stepTitle(edge.from)} to ${stepTitle(edge.to)}: ${formatCount(edge.transitions)} times${time}`
}

function describe(map: JourneyMap): string {
  const stages = map.stages.map(({ stage, visits, left, next }) => {
    const onward =
      next === null
        ? ""
        : `, ${formatShare(next.conversion)} of them also reach ${STAGE_NAMES[next.stage].toLowerCase()}, ${formatCount(left)} go no further`
    return `${STAGE_NAMES[stage]} ${formatCount(visits)} visits${onward}`
  })
  return `${formatCount(map.visits)} visits of ${formatCount(map.people)} people. ${stages.join(". ")}.`
}
