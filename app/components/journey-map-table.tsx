import type { JourneyMap } from "../journey/build-map.ts"
import { formatCount, formatMedian, formatShare, STAGE_NAMES, stepTitle } from "../journey/map-wording.ts"

const MOST_EDGES = 40
const cell = { padding: "6px 16px 6px 0", textAlign: "left" } as const
const number = { ...cell, textAlign: "right", fontVariantNumeric: "tabular-nums" } as const

/** The map in words and numbers, for those who do not see the drawing and those who want the figures. */
export function JourneyMapTables({ map }: { map: JourneyMap }) {
  return (
    <details>
      <summary style={{ cursor: "pointer", padding: "4px 0" }}>Show as tables</summary>
      <div style={{ overflowX: "auto" }}>
        <StageTable map={map} />
        <EdgeTable map={map} />
      </div>
    </details>
  )
}

function StageTable({ map }: { map: JourneyMap }) {
  return (
    <table style={{ borderCollapse: "collapse", margin: "12px 0" }}>
      <caption style={{ textAlign: "left", fontWeight: 600 }}>Stages and their steps</caption>
      <thead>
        <tr>
          {[
            "Stage or step",
            "Visits",
            "People",
            "Also reach the next stage",
            "Median time to it",
            "Go no further, or end here",
          ].map((heading, index) => (
            <th key={heading} scope="col" style={index === 0 ? cell : number}>
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      {map.stages.map((stage) => (
        <tbody key={stage.stage}>
          <tr>
            <th scope="rowgroup" style={cell}>
              {STAGE_NAMES[stage.stage]}
            </th>
            <td style={number}>{formatCount(stage.visits)}</td>
            <td style={number}>{formatCount(stage.people)}</td>
            <td style={number}>{stage.next === null ? "" : formatShare(stage.next.conversion)}</td>
            <td style={number}>
              {stage.next === null
                ? ""
                : formatMedian(stage.onward.find((way) => way.stage === stage.next?.stage)?.median ?? null)}
            </td>
            <td style={number}>{formatCount(stage.left)}</td>
          </tr>
          {stage.steps
            .filter((step) => step.visits > 0)
            .map((step) => (
              <tr key={step.step}>
                <th scope="row" style={{ ...cell, paddingLeft: 16, fontWeight: 400 }}>
                  {stepTitle(step.step)}
                </th>
                <td style={number}>{formatCount(step.visits)}</td>
                <td />
                <td />
                <td />
                <td style={number}>{formatCount(step.ended)}</td>
              </tr>
            ))}
        </tbody>
      ))}
    </table>
  )
}

function EdgeTable({ map }: { map: JourneyMap }) {
  return (
    <table style={{ borderCollapse: "collapse", margin: "12px 0" }}>
      <caption style={{ textAlign: "left", fontWeight: 600 }}>From step to step, most taken first</caption>
      <thead>
        <tr>
          {["From", "To", "Times", "Median time between"].map((heading, index) => (
            <th key={heading} scope="col" style={index < 2 ? cell : number}>
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {map.edges.slice(0, MOST_EDGES).map((edge) => (
          <tr key={`${edge.from}-${edge.to}`}>
            <td style={cell}>{stepTitle(edge.from)}</td>
            <td style={cell}>{stepTitle(edge.to)}</td>
            <td style={number}>{formatCount(edge.transitions)}</td>
            <td style={number}>{formatMedian(edge.median)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
