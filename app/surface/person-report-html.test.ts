import { expect, test } from "vitest"
import { type Cell, money, type PersonReport } from "./person-report.ts"
import { personReportHtml } from "./person-report-html.ts"

const reportOf = (rows: Cell[][]): PersonReport => ({
  shop: { name: "Hearth & Home <Ltd>", domain: "hearth.myshopify.com" },
  asOfMs: Date.UTC(2026, 10, 24, 12),
  retention: { browsingMonths: 25 },
  sections: [
    { title: "Names", origin: "The shop.", kept: "90 days", columns: ["Kind", "Name"], rows },
    { title: "Orders", origin: "The shop.", kept: "90 days", columns: ["Order"], rows: [] },
  ],
})

test("whatever a value holds, it is text: no element, no script, and the JSON stays inside its element", () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'&`
  const html = personReportHtml(reportOf([["Name", evil]]))
  expect(html).not.toContain("<img")
  expect(html.match(/<script/g)).toEqual(["<script"])
  expect(html).toContain('<script type="application/json" id="data">')
  expect(html).toContain("&lt;img src=x onerror=&quot;alert(2)&quot;&gt;&#39;&amp;")
  expect(html).toContain("Hearth &amp; Home &lt;Ltd&gt;")
  const json = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? ""
  expect(JSON.parse(json).sections[0].rows).toEqual([["Name", evil]])
})

test("an empty section says that nothing is held, and each says where it comes from and how long it is kept", () => {
  const html = personReportHtml(reportOf([["E-mail address", "a@example.test"]]))
  expect(html).toContain("Nothing is held.")
  expect(html.match(/Kept: 90 days/g)).toHaveLength(2)
  expect(html).toContain("25 months")
})

test("nothing in the file is loaded from elsewhere", () => {
  const html = personReportHtml(reportOf([["Name", "x"]]))
  expect(html).not.toMatch(/\b(src|href)="(?!#)/)
  expect(html).toContain("default-src 'none'")
})

test.each([
  [1_250, "USD", "12.50 USD"],
  [1_250, "JPY", "1250 JPY"],
  [null, "USD", ""],
  [5, null, "0.05"],
])("%s of %s is %s", (cents, currency, expected) => {
  expect(money(cents, currency)).toBe(expected)
})
