import { expect, test } from "vitest"
import { cleanText, textOfHtml } from "./plain-text.ts"

test.each([
  ["<p>One</p><p>Two</p>", "One Two"],
  ["<b>Bo</b>ld &amp; <i>thin</i>", "Bold & thin"],
  ["a<br>b<br/>c", "a b c"],
  ["<script>alert('x')</script>safe<style>p{}</style>", "safe"],
  ["<!-- hidden -->seen", "seen"],
  ["&lt;b&gt; &#39;q&#x27; &nbsp;&eacute;", "<b> 'q' é"],
  ["&unknown; &constructor;", "&unknown; &constructor;"],
  ["&#0;&#1114112;a", "a"],
  ["1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
  ["<ul>\n  <li>x</li>\n  <li>y</li>\n</ul>", "x y"],
  ["<script>never closed", ""],
  ["", ""],
])("%j reads as %j", (html, text) => {
  expect(textOfHtml(html)).toBe(text)
})

test("hostile HTML takes no longer than its length deserves", () => {
  // A quadratic pattern would not come back from this within the test's time.
  expect(textOfHtml("<script".repeat(28_000)).length).toBeLessThan(200_000)
  expect(textOfHtml("<".repeat(200_000)).length).toBeLessThanOrEqual(20_000)
  expect(textOfHtml("<!--".repeat(50_000)).length).toBeLessThanOrEqual(20_000)
  expect(textOfHtml("<b ".repeat(60_000)).length).toBeLessThanOrEqual(20_000)
})

test("what the database cannot hold is mended, and a cut does not halve a character", () => {
  expect(cleanText("a\0b\ud800", 10)).toBe("ab\ufffd")
  expect(cleanText("ab😀", 3)).toBe("ab\ufffd")
})
