/** An evaluation as a table for a terminal. */
import { count } from "./readiness.ts"
import {
  type Difference,
  type EvaluationResult,
  figure,
  type Metric,
  metricsOf,
  type ResultRow,
  signed,
} from "./results.ts"

const GAP = 2

export function resultsText(result: EvaluationResult): string {
  const metrics = metricsOf(result.rows)
  const compared = result.rows.filter((row) => !row.reference)
  const references = result.rows.filter((row) => row.reference)
  const head = ["", ...metrics, `95 % interval of ${result.decided_by}`]
  const lines = alignedLines([
    head,
    ...[...compared, ...references].map((row) => cellsOf(row, metrics, result)),
  ])
  const chosen = result.rows.find((row) => row.chosen)
  return [
    "",
    `${TITLES[result.target] ?? result.target}, ${SPLITS[result.split] ?? result.split}, seed ${result.seed}: ${casesText(result.cases)}`,
    ...lines.slice(0, 1 + compared.length),
    ...(references.length > 0 ? ["  to compare with, never chosen:"] : []),
    ...lines.slice(1 + compared.length),
    "",
    `★ ${chosen?.model ?? "none"} was chosen by ${result.decided_by} on validation${chosen?.setting ? `: ${chosen.setting}` : ""}.`,
    ...result.differences.map(differenceLine),
    ...result.notes.map((note) => `  · ${note}`),
    "",
  ].join("\n")
}

export const TITLES: Readonly<Record<string, string>> = {
  "next-event": "Next product",
  "next-basket": "Next basket",
  purchase: "Purchase in this visit",
  return: "Buys again",
  spend: "Spend to come",
  label: "Label of a row",
}

export const SPLITS: Readonly<Record<string, string>> = {
  "leave-one-out": "leave one out",
  time: "split by time",
  random: "random split, stratified by label",
}

function cellsOf(
  row: ResultRow,
  metrics: readonly Metric[],
  { decided_by: decidedBy }: EvaluationResult,
): string[] {
  const interval = Object.entries(row.interval).find(([metric]) => metric === decidedBy)?.[1]
  return [
    `${row.chosen ? "★" : " "} ${row.model}`,
    ...metrics.map((metric) => figure(metric, row.metrics[metric])),
    interval === undefined ? "–" : `${figure(decidedBy, interval[0])} to ${figure(decidedBy, interval[1])}`,
  ]
}

function casesText(cases: EvaluationResult["cases"]): string {
  return Object.entries(cases)
    .map(
      ([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "number" ? count(value) : value}`,
    )
    .join(", ")
}

/** An interval without 0 is a difference that another sample of the same shoppers would show too. */
function differenceLine({ of, over, metric, gain, low, high }: Difference): string {
  const isSure = low > 0 || high < 0
  return `  ${isSure ? (gain > 0 ? "✓" : "✗") : "≈"} ${of} against ${over}: gain ${signed(metric, gain)} in ${metric}, 95 % interval ${signed(metric, low)} to ${signed(metric, high)}`
}

/** The first column to the left, the others to the right. */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = (widths[column] ?? 0) + GAP
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join("")
      .trimEnd(),
  )
}
