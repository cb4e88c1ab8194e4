/** The report of an evaluation: one HTML file that needs nothing else, to read, to print and to send on. */

import { pictureFigure } from "../report/charts.ts"
import { escapeHtml } from "../report/html.ts"
import { page, section } from "../report/page.ts"
import { METRIC_MEANINGS } from "./metric-meanings.ts"
import { type Finding, findingMark } from "./readiness.ts"
import { detailsTable, differenceTables, figuresTable, intervalOf } from "./report-tables.ts"
import { type EvaluationResult, figure, METRICS, metricsOf, ofMetric } from "./results.ts"
import { casesText, SPLITS, TITLES } from "./results-text.ts"

const MOST_NAMED = 4

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
    section("What each model is worth", figuresTable(result)),
    section("Is the difference certain?", differenceTables(result)),
    section(
      "Pictures",
      result.pictures.length === 0
        ? ""
        : `<div class="pictures">${result.pictures.map(pictureFigure).join("")}</div>`,
    ),
    section("Settings and details", detailsTable(result.rows)),
    section("What was noticed", list(result.notes)),
    section("What the figures mean", meanings(result)),
    section("How to repeat it", repeatIt(command, data)),
  ]
  return page(`${title}: evaluation`, sections.join("\n"))
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
<div class="verdict"><p><strong>${escapeHtml(chosen?.model ?? "none")}</strong> was chosen by ${escapeHtml(result.decided_by)} on the validation part. On the test part, which no choice has seen, its ${escapeHtml(result.decided_by)} is <strong>${figure(result.decided_by, value)}</strong>${range}.</p>${inWords(
    result,
  )
    .map((line) => `<p>${escapeHtml(line)}</p>`)
    .join("")}</div></header>`
}

/** What the figure means, and how the chosen model does beside the others. */
function inWords({ decided_by: decidedBy, differences }: EvaluationResult): string[] {
  const metric = METRICS.find((one) => one === decidedBy)
  const meaning = metric === undefined ? [] : [`${metric}: ${METRIC_MEANINGS[metric]}`]
  const rivals = differences.filter((one) => one.metric === decidedBy)
  if (rivals.length === 0) return meaning
  const named = (some: typeof rivals) => {
    const names = some.map(({ over }) => over)
    const more = names.length - MOST_NAMED
    return more > 1 ? `${names.slice(0, MOST_NAMED).join("; ")} and ${more} more` : names.join("; ")
  }
  const ahead = rivals.filter(({ low }) => low > 0)
  const behind = rivals.filter(({ high }) => high < 0)
  const unsure = rivals.filter(({ low, high }) => low <= 0 && high >= 0)
  return [
    ...meaning,
    ahead.length > 0 ? `It is ahead, beyond chance, of: ${named(ahead)}.` : "It is surely ahead of none.",
    ...(behind.length > 0 ? [`It is behind, beyond chance: ${named(behind)}.`] : []),
    ...(unsure.length > 0 ? [`May be chance: the difference to ${named(unsure)}.`] : []),
  ]
}

function findingList(findings: readonly Finding[]): string {
  const entries = findings.map(
    ({ level, subject, sentence }) =>
      `<li class="${level}"><span class="mark">${findingMark(level)}</span><span><strong>${escapeHtml(subject)}</strong> <span class="quiet">${level}</span><br>${escapeHtml(sentence)}</span></li>`,
  )
  return entries.length === 0 ? "" : `<ul class="findings">${entries.join("")}</ul>`
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
