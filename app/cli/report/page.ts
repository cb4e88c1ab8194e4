/** The frame of a report: one HTML file that needs nothing else. */
import { escapeHtml } from "./html.ts"
import { REPORT_STYLE } from "./style.ts"

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
}

export function section(heading: string, body: string): string {
  return body === "" ? "" : `<section><h2>${escapeHtml(heading)}</h2>${body}</section>`
}

/** A table that scrolls by itself where it is wider than the page. */
export function scrolled(label: string, table: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(label)}"><table>
${table}</table></div>`
}
