import { expect, test } from "vitest"
import { parseLogLine, splitUrl } from "./access-log-line.ts"

test("a line in Combined Log Format, its time in UTC", () => {
  const line =
    '203.0.113.7 - frank [10/Oct/2025:13:55:36 -0700] "GET /products/red%20hat?utm_source=mail HTTP/1.1" 200 2326 "https://shop.test/" "Mozilla/5.0 (\\"X\\")"'
  expect(parseLogLine(line)).toEqual({
    address: "203.0.113.7",
    atMs: Date.UTC(2025, 9, 10, 20, 55, 36),
    method: "GET",
    path: "/products/red hat",
    parameters: "utm_source=mail",
    status: 200,
    referrer: "https://shop.test/",
    userAgent: 'Mozilla/5.0 (\\"X\\")',
  })
})

const around = (request: string, time = "10/Oct/2025:13:55:36 +0000") =>
  `::1 - - [${time}] "${request}" 200 - "-" "Mozilla/5.0"`

test("a dash stands for nothing", () => {
  expect(parseLogLine(around("GET / HTTP/2.0"))).toMatchObject({ referrer: "", path: "/" })
})

test.each([
  ['203.0.113.7 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 2326', "not_combined_format"],
  ["{}", "not_combined_format"],
  [around("GET / HTTP/1.1", "10/Okt/2025:13:55:36 +0000"), "bad_time"],
  [around("\\x16\\x03\\x01"), "no_request"],
  [around("-"), "no_request"],
  [around("GET /%E0%A4%A HTTP/1.1"), "bad_address"],
])("%s is left out as %s", (line, reason) => {
  expect(parseLogLine(line)).toBe(reason)
})

test("a hostile line costs no more than its length", () => {
  const long = 500_000
  expect(parseLogLine("[".repeat(long))).toBe("not_combined_format")
  expect(parseLogLine(`a - ${'" '.repeat(long)}`)).toBe("not_combined_format")
  expect(parseLogLine(around(`GET /${'\\"'.repeat(long)}`))).toMatchObject({ method: "GET" })
})

test("an address loses its host, parameters and fragment", () => {
  expect(splitUrl("https://shop.test/cart?a=1#top")).toEqual({ path: "/cart", parameters: "a=1" })
  expect(splitUrl("https://shop.test")).toEqual({ path: "/", parameters: "" })
})
