import { expect, test } from "vitest"
import { parseMapQuery } from "./map-query.ts"

const DAYS = { from: "2025-12-03", to: "2026-06-01" }
const parse = (query: string) => parseMapQuery(new URLSearchParams(query), DAYS)

test("left out, the question is for all visits of the last 90 days", () => {
  expect(parse("")).toEqual({ from: "2026-03-04", to: "2026-06-01", segment: "all", start: null, end: null })
  expect(parse("segment=&start=&end=")).toEqual(parse(""))
})

test("a shop younger than 90 days is shown from its first day", () => {
  expect(parseMapQuery(new URLSearchParams(), { from: "2026-05-20", to: "2026-06-01" }).from).toBe(
    "2026-05-20",
  )
})

test("every part can be asked for", () => {
  expect(
    parse("from=2026-01-01&to=2026-01-31&segment=source:email&start=cart_add&end=purchase&shop=x"),
  ).toEqual({
    from: "2026-01-01",
    to: "2026-01-31",
    segment: "source:email",
    start: "cart_add",
    end: "purchase",
  })
})

test.each([
  "from=yesterday",
  "from=2026-02-30",
  "segment=everyone",
  "segment=source:';--",
  "start=refund",
  "from=2026-02-01&to=2026-01-01",
  "from=1900-01-01",
])("%s is refused with a reason", (query) => {
  expect(() => parse(query)).toThrow(expect.objectContaining({ code: "bad_request" }))
})
