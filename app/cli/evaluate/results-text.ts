/**
 * An evaluation for a terminal of 100 columns: a row a model, and what the chosen one gains over the others in the
 * figure that decides. Every other figure, difference and row is in the report and in the file.
 */
import { alignedLines, alignedWidth, COLUMNS, shortened, wrapped } from "../report/lines.ts"
import { count } from "./readiness.ts"
import {
  type Difference,
  type EvaluationResult,
  figure,
  lessIsBetter,
  type Metric,
  MOST_REFERENCES,
  metricsOf,
  ofMetric,
  type ResultRow,
  signed,
} from "./results.ts"

/** As wide as the longest name of a model that the pipeline has. */
const MOST_NAME = 48
const MOST_DIFFERENCES = 8

/** Where there is no room for all, the first of these are shown. */
const WORTH = [
  "NDCG@10",
  "R@10",
  "R@20",
  "MRR@20",
  "R@5",
  "NDCG@20",
  "NDCG@5",
  "AUC",
  "AUPR",
  "Brier",
  "ECE",
  "Gini",
  "RMSE",
  "MAE",
  "MSE",
] as const satisfies readonly Metric[]

export function resultsText(result: EvaluationResult): string {
  const chosen = result.rows.find((row) => row.chosen)
  const setting = chosen?.setting ? `: ${chosen.setting}` : ""
  return [
    "",
    `${TITLES[result.target] ?? result.target}, ${SPLITS[result.split] ?? result.split}, seed ${result.seed}`,
    ...wrapped(casesText(result.cases), "  "),
    "",
    ...tableLines(result),
    "",
    ...wrapped(
      `${chosen?.model ?? "none"} was chosen by ${result.decided_by} on validation${setting}.`,
      "★ ",
    ),
    ...differenceLines(result),
    "",
    ...result.notes.flatMap((note) => wrapped(note, "· ")),
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

export function casesText(cases: EvaluationResult["cases"]): string {
  const told = Object.entries(cases).map(
    ([name, value]) => `${name.replaceAll("_", " ")}: ${typeof value === "number" ? count(value) : value}`,
  )
  return told.join("; ")
}

function tableLines(result: EvaluationResult): string[] {
  const compared = result.rows.filter((row) => !row.reference)
  const references = result.rows.filter((row) => row.reference)
  const shown = bestOf(references, result)
  const all = metricsOf(result.rows).filter((metric) => metric !== result.decided_by)
  const cells = (metrics: readonly Metric[]) => [
    ["", result.decided_by, "95 % interval", ...metrics],
    ...[...compared, ...shown].map((row) => cellsOf(row, metrics, result)),
  ]
  let metrics = all
  for (const metric of WORTH.toReversed())
    if (alignedWidth(cells(metrics)) > COLUMNS) metrics = metrics.filter((one) => one !== metric)
  const lines = alignedLines(cells(metrics))
  const left = references.length - shown.length
  const hidden = [
    ...all.filter((metric) => !metrics.includes(metric)),
    ...(left > 0 ? [`${left} more rows to compare with`] : []),
  ]
  return [
    ...lines.slice(0, 1 + compared.length),
    ...(references.length > 0 ? ["  to compare with, never chosen:"] : []),
    ...lines.slice(1 + compared.length),
    ...(hidden.length > 0 ? wrapped(`In the report alone: ${hidden.join(", ")}.`, "  ") : []),
  ]
}

/** In the order given; where there are too many, those that do best. */
function bestOf(references: readonly ResultRow[], { decided_by: decidedBy }: EvaluationResult): ResultRow[] {
  const sign = lessIsBetter(decidedBy) ? 1 : -1
  const of = (row: ResultRow) => sign * (ofMetric(row.metrics, decidedBy) ?? Number.POSITIVE_INFINITY)
  const best = new Set([...references].sort((a, b) => of(a) - of(b)).slice(0, MOST_REFERENCES))
  return references.filter((row) => best.has(row))
}

function cellsOf(
  row: ResultRow,
  metrics: readonly Metric[],
  { decided_by: decidedBy }: EvaluationResult,
): string[] {
  const interval = ofMetric(row.interval, decidedBy)
  return [
    `${row.chosen ? "★" : " "} ${shortened(row.model, MOST_NAME)}`,
    figure(decidedBy, ofMetric(row.metrics, decidedBy)),
    interval === undefined ? "–" : interval.map((end) => figure(decidedBy, end)).join("–"),
    ...metrics.map((metric) => figure(metric, row.metrics[metric])),
  ]
}

/** The hardest rivals first. An interval without 0 is a difference that another sample would show too. */
function differenceLines({ differences, decided_by: decidedBy }: EvaluationResult): string[] {
  const told = differences.filter(({ metric }) => metric === decidedBy).sort((a, b) => a.low - b.low)
  if (told.length === 0) return []
  const isCut = told.length > MOST_DIFFERENCES && told.slice(MOST_DIFFERENCES).every(({ low }) => low > 0)
  const shown = isCut ? told.slice(0, MOST_DIFFERENCES) : told
  const rows = shown.map((one) => [
    `  ${markOf(one)} over ${shortened(one.over, MOST_NAME)}`,
    signed(decidedBy, one.gain),
    `${signed(decidedBy, one.low)} to ${signed(decidedBy, one.high)}`,
  ])
  const rest = told.length - shown.length
  return [
    "",
    `What it gains in ${decidedBy}, and the 95 % interval (✓ ahead, ✗ behind, ≈ not certain):`,
    ...alignedLines(rows),
    ...(rest > 0 ? [`  ✓ over the ${rest} others`] : []),
  ]
}

function markOf({ gain, low, high }: Difference): string {
  if (low <= 0 && high >= 0) return "≈"
  return gain > 0 ? "✓" : "✗"
}
