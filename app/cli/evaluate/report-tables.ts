/** Tables of the report: what each model is worth, what the chosen one gains, and how each was set. */

import { type Interval, intervalBars } from "../report/charts.ts"
import { escapeHtml } from "../report/html.ts"
import { scrolled } from "../report/page.ts"
import { count, counted } from "./readiness.ts"
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

/** The figure that decides comes first, with its interval: on a telephone the rest is off the screen. */
export function figuresTable(result: EvaluationResult): string {
  const compared = result.rows.filter((row) => !row.reference)
  const references = result.rows.filter((row) => row.reference)
  const bars = intervalBars([...compared, ...references].map((row) => intervalOf(row, result.decided_by)))
  const table = rowsTable(result, compared, bars)
  const others = rowsTable(result, references, bars.slice(compared.length))
  return `${table}
<p class="quiet">★ chosen on validation. All figures are of the test part.</p>${
    references.length === 0
      ? ""
      : folded(
          `${counted(references.length, "row")} to compare with, never chosen`,
          others,
          references.length <= MOST_REFERENCES,
        )
  }`
}

function rowsTable(result: EvaluationResult, rows: readonly ResultRow[], bars: readonly string[]): string {
  const { decided_by: decidedBy } = result
  const others = metricsOf(result.rows).filter((metric) => metric !== decidedBy)
  const better = lessIsBetter(decidedBy) ? "less is better" : "more is better"
  const lines = rows.map((row, index) => {
    const interval = intervalOf(row, decidedBy)
    const words = interval === null ? "–" : intervalWords(decidedBy, interval)
    return `<tr${row.chosen ? ' class="chosen"' : ""}><th scope="row">${row.chosen ? "★ " : ""}${escapeHtml(row.model)}</th><td>${figure(decidedBy, ofMetric(row.metrics, decidedBy))}</td><td>${words}</td><td>${bars[index] ?? ""}</td>${others.map((metric) => otherCell(row, metric)).join("")}</tr>`
  })
  return scrolled(
    "Figures of each model",
    `<thead><tr><th scope="col">Model</th><th scope="col">${escapeHtml(decidedBy)}</th><th scope="col">95 % interval</th><th scope="col" class="drawn">${better}</th>${others.map((metric) => `<th scope="col">${metric}</th>`).join("")}</tr></thead>
<tbody>${lines.join("")}</tbody>`,
  )
}

function otherCell(row: ResultRow, metric: Metric): string {
  const interval = intervalOf(row, metric)
  const title = interval === null ? "" : ` title="95 % interval ${intervalWords(metric, interval)}"`
  return `<td${title}>${figure(metric, row.metrics[metric])}</td>`
}

function intervalWords(metric: string, { low, high }: Interval): string {
  return `${figure(metric, low)}–${figure(metric, high)}`
}

export function intervalOf(row: ResultRow, metric: string): Interval | null {
  const [value, pair] = [ofMetric(row.metrics, metric), ofMetric(row.interval, metric)]
  return value === undefined || pair === undefined ? null : { value, low: pair[0], high: pair[1] }
}

/** A table for each figure, the one that decides first and open. */
export function differenceTables({ differences, decided_by: decidedBy }: EvaluationResult): string {
  const metrics = [...new Set([decidedBy, ...differences.map(({ metric }) => metric)])]
  const tables = metrics.flatMap((metric) => {
    const told = differences.filter((one) => one.metric === metric)
    if (told.length === 0) return []
    const table = differenceTable(told, metric)
    return metric === decidedBy ? table : folded(`The same in ${metric}`, table, false)
  })
  if (tables.length === 0) return ""
  return `${tables.join("")}
<p class="quiet">Both models answered the same questions, so that what is easy or hard for all of them cancels out. A gain above 0 speaks for the first, of errors as well: less error is a gain.</p>`
}

function differenceTable(told: readonly Difference[], metric: string): string {
  const bars = intervalBars(
    told.map(({ gain, low, high }) => ({ value: gain, low, high })),
    true,
  )
  const rows = told.map(({ over, gain, low, high }, index) => {
    const words = low > 0 ? "better" : high < 0 ? "worse" : "not certain"
    return `<tr><th scope="row">${escapeHtml(over)}</th><td>${signed(metric, gain)}</td><td>${signed(metric, low)} to ${signed(metric, high)}</td><td>${bars[index] ?? ""}</td><td class="words">${words}</td></tr>`
  })
  return scrolled(
    `Gains in ${metric}`,
    `<thead><tr><th scope="col">${escapeHtml(told[0]?.of ?? "")} over</th><th scope="col">Gain in ${escapeHtml(metric)}</th><th scope="col">95 % interval</th><th scope="col" class="drawn">around 0</th><th scope="col" class="words">It is</th></tr></thead>
<tbody>${rows.join("")}</tbody>`,
  )
}

/** Figures that one row alone has are told under the table: a column of blanks says nothing. */
export function detailsTable(rows: readonly ResultRow[]): string {
  const told = rows.filter((row) => row.setting !== "" || Object.keys(row.detail).length > 0)
  if (told.length === 0) return ""
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.detail)))]
  const owners = (name: string) => told.filter((row) => row.detail[name] !== undefined).length
  const shared = names.filter((name) => told.length === 1 || owners(name) > 1)
  const alone = told.flatMap((row) => {
    const own = Object.entries(row.detail).filter(([name]) => !shared.includes(name))
    const words = own.map(([name, value]) => `${name} ${detailFigure(value)}`).join(", ")
    return own.length === 0 ? [] : `<p class="quiet">${escapeHtml(`${row.model}: ${words}.`)}</p>`
  })
  const table = (some: readonly ResultRow[]) => settingsTable(some, shared)
  const compared = told.filter((row) => !row.reference)
  const references = told.filter((row) => row.reference)
  return `${compared.length === 0 ? "" : table(compared)}${alone.join("")}${
    references.length === 0
      ? ""
      : folded("Of the rows to compare with", table(references), references.length <= MOST_REFERENCES)
  }`
}

function settingsTable(rows: readonly ResultRow[], names: readonly string[]): string {
  const hasSetting = rows.some((row) => row.setting !== "")
  const lines = rows.map((row) => {
    const cells = names.map((name) => `<td>${detailFigure(row.detail[name])}</td>`)
    const setting = hasSetting ? `<td class="words setting">${escapeHtml(row.setting)}</td>` : ""
    return `<tr><th scope="row">${escapeHtml(row.model)}</th>${setting}${cells.join("")}</tr>`
  })
  const heading = hasSetting ? `<th scope="col" class="words">Setting, chosen on validation</th>` : ""
  return scrolled(
    "Settings and details",
    `<thead><tr><th scope="col">Model</th>${heading}${names.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("")}</tr></thead>
<tbody>${lines.join("")}</tbody>`,
  )
}

function detailFigure(value: number | undefined): string {
  if (value === undefined) return "–"
  if (Math.abs(value) >= 1_000) return count(Math.round(value))
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 10 ? 1 : 4)
}

function folded(summary: string, body: string, isOpen: boolean): string {
  return `<details${isOpen ? " open" : ""}><summary>${escapeHtml(summary)}</summary>${body}</details>`
}
