import { expect, test } from "vitest"
import { isProgram, likelySite } from "./access-log-visits.ts"

test.each([
  "Mozilla/5.0 (compatible; Googlebot/2.1)",
  "Mozilla/5.0 (compatible; YandexRenderResourcesBot/1.0)",
  "Pinterestbot_1.0",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
  "facebookexternalhit/1.1",
  "curl/8.5.0",
  "python-requests/2.32",
  "",
])("%j is a program", (userAgent) => {
  expect(isProgram(userAgent)).toBe(true)
})

test.each([
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
  "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 21) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36",
])("%j is a browser", (userAgent) => {
  expect(isProgram(userAgent)).toBe(false)
})

test("the shop's host is that of most referrers, and unknown where none leads", () => {
  expect(likelySite(["https://www.shop.test/", "https://shop.test/cart", "https://mail.test/", ""])).toBe(
    "shop.test",
  )
  expect(likelySite(["https://a.test/", "https://b.test/"])).toBeNull()
})
