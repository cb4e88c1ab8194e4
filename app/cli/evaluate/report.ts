/** The report of an evaluation: one HTML file that needs nothing else, to read, to print and to send on. */
import { escapeHtml } from "./html.ts"
import { METRIC_MEANINGS } from "./metric-meanings.ts"
import { count, type Finding, findingMark } from "./readiness.ts"
import { type Interval, intervalBars, pictureFigure } from "./report-charts.ts"
import { REPORT_STYLE } from "./report-style.ts"
import {
  type Difference,
  type EvaluationResult,
  figure,
  lessIsBetter,
  metricsOf,
  ofMetric,
  type ResultRow,
  signed,
} from "./results.ts"
import { casesText, SPLITS, TITLES } from "./results-text.ts"

export type Report = {
  result: EvaluationResult
  findings: readonly Finding[]
  /** That gives the same figures again. */
  command: string
  /** Files that were read. */
  data: readonly string[]
}

export function reportHtml({ result, findings, command, data }: Report): string {
  const title = TITLES[result.target] ?? result.target
  const sections = [
    header(result, title),
    section("Is the data ready?", findingList(findings)),
    section("What each model is worth", figures(result)),
    section("Is the difference certain?", differences(result.differences)),
    section(
      "Pictures",
      result.pictures.length === 0
        ? ""
        : `<div class="pictures">${result.pictures.map(pictureFigure).join("")}</div>`,
    ),
    section("Settings and details", details(result.rows)),
    section("What was noticed", list(result.notes)),
    section("What the figures mean", meanings(result)),
    section("How to repeat it", repeatIt(command, data)),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${title}: evaluation`)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
${sections.join("\n")}
</main>
</body>
</html>
`
}

function section(heading: string, body: string): string {
  return body === "" ? "" : `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`
}

function header(result: EvaluationResult, title: string): string {
  const chosen = result.rows.find((row) => row.chosen)
  const value = chosen === undefined ? undefined : ofMetric(chosen.metrics, result.decided_by)
  const interval = chosen === undefined ? null : intervalOf(chosen, result.decided_by)
  const range =
    interval === null
      ? ""
      : ` (95 % interval ${figure(result.decided_by, interval.low)} to ${figure(result.decided_by, interval.high)})`
  return `<header><h1>${escapeHtml(title)}</h1>
<p class="quiet">${escapeHtml(`${SPLITS[result.split] ?? result.split}, seed ${result.seed}. ${casesText(result.cases)}`)}</p>
<p class="verdict"><strong>${escapeHtml(chosen?.model ?? "none")}</strong> was chosen by ${escapeHtml(result.decided_by)} on the validation part. On the test part, which no choice has seen, its ${escapeHtml(result.decided_by)} is <strong>${figure(result.decided_by, value)}</strong>${range}.</p></header>`
}

function findingList(findings: readonly Finding[]): string {
  const entries = findings.map(
    ({ level, subject, sentence }) =>
      `<li class="${level}"><span class="mark">${findingMark(level)}</span><span><strong>${escapeHtml(subject)}</strong> <span class="quiet">${level}</span><br>${escapeHtml(sentence)}</span></li>`,
  )
  return entries.length === 0 ? "" : `<ul class="findings">${entries.join("")}</ul>`
}

function figures(result: EvaluationResult): string {
  const metrics = metricsOf(result.rows)
  const ordered = [
    ...result.rows.filter((row) => !row.reference),
    ...result.rows.filter((row) => row.reference),
  ]
  const bars = intervalBars(ordered.map((row) => intervalOf(row, result.decided_by)))
  const rows = ordered.map((row, index) => {
    const kind = row.chosen ? "chosen" : row.reference ? "reference" : ""
    const cells = metrics.map(
      (metric) => `<td title="${intervalWords(row, metric)}">${figure(metric, row.metrics[metric])}</td>`,
    )
    return `<tr class="${kind}"><th scope="row">${row.chosen ? "★ " : ""}${escapeHtml(row.model)}</th>${cells.join("")}<td>${bars[index]}</td></tr>`
  })
  const better = lessIsBetter(result.decided_by) ? "less is better" : "more is better"
  return `<div class="scroll" tabindex="0" role="region" aria-label="Figures of each model"><table>
<thead><tr><th scope="col">Model</th>${metrics.map((metric) => `<th scope="col">${metric}</th>`).join("")}<th scope="col">${escapeHtml(result.decided_by)}, 95 % interval (${better})</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div>
<p class="quiet">★ chosen on validation. ${ordered.some((row) => row.reference) ? "Grey rows are there to compare with and are never chosen. " : ""}All figures are of the test part.</p>`
}

function intervalWords(row: ResultRow, metric: string): string {
  const interval = intervalOf(row, metric)
  return interval === null
    ? ""
    : escapeHtml(`95 % interval ${figure(metric, interval.low)} to ${figure(metric, interval.high)}`)
}

function intervalOf(row: ResultRow, metric: string): Interval | null {
  const [value, pair] = [ofMetric(row.metrics, metric), ofMetric(row.interval, metric)]
  return value === undefined || pair === undefined ? null : { value, low: pair[0], high: pair[1] }
}

function differences(found: readonly Difference[]): string {
  if (found.length === 0) return ""
  // Gains in one figure share a scale.
  const bars = found.map(({ metric }, index) => {
    const same = found.map((one) =>
      one.metric === metric ? { value: one.gain, low: one.low, high: one.high } : null,
    )
    return intervalBars(same, true)[index] ?? ""
  })
  const rows = found.map(({ of, over, metric, gain, low, high }, index) => {
    const words = low > 0 ? "better" : high < 0 ? "worse" : "not certain"
    return `<tr><th scope="row">${escapeHtml(`${of} over ${over}`)}</th><td>${escapeHtml(metric)}</td><td>${signed(metric, gain)}</td><td>${signed(metric, low)} to ${signed(metric, high)}</td><td>${bars[index]}</td><td class="words">${words}</td></tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-label="Differences between models"><table>
<thead><tr><th scope="col">Of, over</th><th scope="col">Figure</th><th scope="col">Gain</th><th scope="col">95 % interval</th><th scope="col">Around 0</th><th scope="col" class="words">It is</th></tr></thead>
<tbody>${rows.join("")}</tbody></table></div>
<p class="quiet">Both models answered the same questions, so that what is easy or hard for all of them cancels out. A gain above 0 speaks for the first, of errors as well: less error is a gain.</p>`
}

function details(rows: readonly ResultRow[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.detail)))]
  const told = rows.filter((row) => row.setting !== "" || Object.keys(row.detail).length > 0)
  if (told.length === 0) return ""
  const lines = told.map((row) => {
    const cells = names.map((name) => `<td>${detailFigure(row.detail[name])}</td>`)
    return `<tr><th scope="row">${escapeHtml(row.model)}</th>${cells.join("")}<td class="words">${escapeHtml(row.setting)}</td></tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-label="Settings and details"><table>
<thead><tr><th scope="col">Model</th>${names.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("")}<th scope="col" class="words">Setting, chosen on validation</th></tr></thead>
<tbody>${lines.join("")}</tbody></table></div>`
}

function detailFigure(value: number | undefined): string {
  if (value === undefined) return "–"
  return Math.abs(value) >= 1_000 ? count(Math.round(value)) : String(Number(value.toPrecision(4)))
}

function list(sentences: readonly string[]): string {
  return sentences.length === 0
    ? ""
    : `<ul>${sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul>`
}

function meanings({ rows }: EvaluationResult): string {
  const entries = metricsOf(rows).map(
    (metric) => `<dt>${metric}</dt><dd>${escapeHtml(METRIC_MEANINGS[metric])}</dd>`,
  )
  return `<dl>${entries.join("")}</dl>
<p class="quiet">A 95 % interval is where the figure would lie for 95 of 100 samples of such shoppers; differences smaller than it may be chance.</p>`
}

function repeatIt(command: string, data: readonly string[]): string {
  return `<p>The same command with the same files and seed gives the same figures:</p><pre>${escapeHtml(command)}</pre><p class="quiet">Read: ${escapeHtml(data.join(", "))}</p>`
}
