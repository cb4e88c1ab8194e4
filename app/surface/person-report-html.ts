import { retentionDays, retentionWords } from "../shop/retention.ts"
import { type Cell, moment, type PersonReport, type ReportSection } from "./person-report.ts"

/**
 * One file that a person can read in any browser: no script runs, nothing is loaded, all text is escaped. The same
 * content stands at its end as JSON, for a program (GDPR, Art. 20).
 */
export function personReportHtml(report: PersonReport): string {
  const title = `What ${report.shop.name || report.shop.domain} holds on you`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>Made on ${escapeHtml(moment(report.asOfMs))} by Throughline, the app with which ${escapeHtml(report.shop.domain)} arranges its
recommendations. It is all that the app holds on you. The shop itself and Shopify hold more, and answer for it
themselves. You may have what is here corrected or erased: ask the shop.</p>
<h2>Contents</h2>
<ol>${report.sections.map((section, index) => `<li><a href="#s${index}">${escapeHtml(section.title)}</a> (${count(section)})</li>`).join("")}</ol>
${report.sections.map(sectionHtml).join("\n")}
<h2>How long things are kept</h2>
${table(["What", "How long"], retentionRows(report))}
<script type="application/json" id="data">
${jsonForHtml(report)}
</script>
</body>
</html>
`
}

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}" +
  "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem;font-size:.875rem}" +
  "th,td{border:1px solid #ccc;padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}" +
  "th{background:#f3f3f3}.from{color:#555;margin:.25rem 0}"

const count = ({ rows }: ReportSection): string => (rows.length === 1 ? "1 entry" : `${rows.length} entries`)

function sectionHtml(section: ReportSection, index: number): string {
  const body = section.rows.length === 0 ? "<p>Nothing is held.</p>" : table(section.columns, section.rows)
  return `<h2 id="s${index}">${escapeHtml(section.title)}</h2>
<p class="from">From: ${escapeHtml(section.origin)}<br>Kept: ${escapeHtml(section.kept)}</p>
${body}`
}

function retentionRows({ retention }: PersonReport): Cell[][] {
  const days = retentionDays(retention)
  return [
    ["Messages as they came in, sealed", `until they are worked off, at most ${days.inbox_bodies} days`],
    ["Visits, pages, searches, carts", retentionWords(days.browsing)],
    ["Orders and customer data", retentionWords(days.orders)],
    ["Recommendations shown", retentionWords(days.decisions)],
    ["This file", retentionWords(days.answers)],
    ["Who read your data", retentionWords(days.access_log)],
  ]
}

function table(columns: readonly string[], rows: readonly Cell[][]): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join("")
  const body = rows
    .map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(String(cell ?? ""))}</td>`).join("")}</tr>`)
    .join("\n")
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/** JSON inside a script element ends at the first `</script`: no `<` is left in it. */
function jsonForHtml({ shop, asOfMs, sections }: PersonReport): string {
  return JSON.stringify({ shop, asOf: new Date(asOfMs).toISOString(), sections }, null, 1).replaceAll(
    "<",
    "\\u003c",
  )
}
