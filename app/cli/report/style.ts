/** The report's style: calm, on paper and on a telephone, in light and in dark. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --sheet: #f6f7f8; --ink: #1d2226; --quiet: #5c666f; --line: #d9dee2;
  --accent: #0b6e5f; --warn: #8a5a00; --bad: #a3262a;
  --s1: #0b6e5f; --s2: #c0561a; --s3: #3a5fb8; --s4: #8a3f8f; --s5: #6b6f1d; --s6: #56616b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181b; --sheet: #1c2226; --ink: #e4e8ea; --quiet: #9ba6ae; --line: #333c43;
    --accent: #5cc4b0; --warn: #e2b45a; --bad: #f0898b;
    --s1: #5cc4b0; --s2: #f0955a; --s3: #8fabf5; --s4: #d490d9; --s5: #c3c765; --s6: #a9b4bd;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 72rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p { margin: .5rem 0; max-width: 46rem; }
.quiet, figcaption, caption { color: var(--quiet); font-size: .9rem; }
.verdict { background: var(--sheet); border-left: 4px solid var(--accent); padding: .5rem 1rem; margin: 1.25rem 0; max-width: 46rem; }
ul.findings { list-style: none; margin: 0; padding: 0; max-width: 52rem; }
ul.findings li { display: grid; grid-template-columns: 1.5rem 1fr; padding: .4rem 0; border-top: 1px solid var(--line); }
ul.findings .mark { font-weight: 700; }
.fine .mark, .mended .mark { color: var(--accent); }
.warning .mark { color: var(--warn); }
.refused .mark { color: var(--bad); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .4rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
thead th.drawn { text-align: left; font-weight: 400; }
th:first-child, .words { text-align: left; }
tbody th { font-weight: 500; white-space: normal; min-width: 9rem; max-width: 22rem; position: sticky; left: 0; background: var(--ground); }
tr.chosen th, tr.chosen td { font-weight: 700; background: var(--sheet); }
td.words { white-space: normal; }
td.setting { min-width: 20rem; max-width: 34rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--quiet); }
details[open] > summary { margin-bottom: .5rem; }
.bar { width: 10rem; height: .9rem; display: block; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; }
figure h3 { font-size: 1rem; margin: 0 0 .25rem; }
.unit { color: var(--quiet); font-size: .85rem; margin: 0 0 .25rem; }
figure svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--quiet); font: 12px system-ui, sans-serif; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .25rem 0; font-size: .85rem; }
.legend span::before { content: ""; display: inline-block; width: .8rem; height: .2rem; margin-right: .4rem; vertical-align: middle; background: var(--colour); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; max-width: 52rem; }
dt { font-weight: 600; } dd { margin: 0; }
pre { background: var(--sheet); padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
@media (max-width: 34rem) { body { padding-top: 1rem; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@media print {
  :root {
    --ground: #fff; --sheet: #f3f3f3; --ink: #000; --quiet: #444; --line: #bbb;
    --accent: #0b6e5f; --warn: #8a5a00; --bad: #a3262a;
    --s1: #0b6e5f; --s2: #c0561a; --s3: #3a5fb8; --s4: #8a3f8f; --s5: #6b6f1d; --s6: #56616b;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  table { font-size: 7.5pt; } th, td { padding: .2rem .3rem; } .bar { width: 7rem; height: .63rem; }
  figure, tr, li { break-inside: avoid; } h2 { break-after: avoid; }
}
`
