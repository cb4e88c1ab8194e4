import { expect, test } from "vitest"
import { eventOfRequest, titleOfHandle } from "./access-log.ts"
import type { LoggedRequest } from "./access-log-line.ts"
import { DEFAULT_RULES } from "./access-log-mapping.ts"

const reading = { rules: DEFAULT_RULES, site: "shop.test", key: "a key of the tests" }

const requested = (change: Partial<LoggedRequest>, key = reading.key) =>
  eventOfRequest(
    {
      address: "203.0.113.7",
      atMs: 1_760_000_000_000,
      method: "GET",
      path: "/products/red-hat",
      parameters: "",
      status: 200,
      referrer: "",
      userAgent: "Mozilla/5.0 Firefox/140.0",
      ...change,
    },
    { ...reading, key },
  )
const shopperOf = (...args: Parameters<typeof requested>) => {
  const event = requested(...args)
  return typeof event === "string" ? event : event.shopper
}

test("a shopper is the hash of address and user agent under the key, and no address is written", () => {
  expect(shopperOf({})).toBe(shopperOf({ path: "/cart" }))
  const others = [
    shopperOf({ address: "203.0.113.8" }),
    shopperOf({ userAgent: "Mozilla/5.0 Safari/600" }),
    shopperOf({}, "another key of tests"),
  ]
  expect(new Set([shopperOf({}), ...others]).size).toBe(4)
  expect(JSON.stringify(requested({}))).not.toContain("203.0.113")
})

test("a thank-you page seen twice is one purchase, and the order's token is not written", () => {
  const first = requested({ path: "/checkouts/cn/9f2c77aa/thank-you" })
  const again = requested({ path: "/checkouts/cn/9f2c77aa/thank-you", atMs: 1_760_000_900_000 })
  const other = requested({ path: "/checkouts/cn/11111111/thank-you" })
  const idOf = (event: typeof first) => (typeof event === "string" ? event : event.id)
  expect(first).toMatchObject({ type: "purchase", id: expect.any(String), order: expect.any(String) })
  expect(idOf(again)).toBe(idOf(first))
  expect(idOf(other)).not.toBe(idOf(first))
  expect(JSON.stringify(first)).not.toContain("9f2c77aa")
})

test("what is put into the cart is the product of the page that the form stood on", () => {
  expect(
    requested({
      method: "POST",
      path: "/cart/add",
      status: 302,
      referrer: "https://shop.test/products/red-hat?variant=1",
    }),
  ).toMatchObject({ type: "cart_add", item: "red-hat" })
})

test("a search keeps its words", () => {
  expect(requested({ path: "/search", parameters: "q=wool+hat&page=2" })).toMatchObject({
    type: "search",
    query: "wool hat",
  })
})

test.each([
  [{ parameters: "utm_source=Newsletter", referrer: "https://mail.test/" }, "newsletter"],
  [{ referrer: "https://www.search.test/?q=hat" }, "search.test"],
  [{ referrer: "https://www.shop.test/" }, undefined],
  [{ referrer: "https://checkout.shop.test/" }, undefined],
  [{ path: "/checkouts/cn/9f2c/thank-you", referrer: "https://pay.test/" }, undefined],
])("%j comes from %s", (change, source) => {
  expect(requested(change)).toMatchObject({ source })
})

test.each([
  [{ userAgent: "Googlebot/2.1" }, "program"],
  [{ method: "HEAD" }, "other_method"],
  [{ status: 404 }, "not_answered"],
  [{ status: 503 }, "not_answered"],
  [{ status: 301 }, "redirected"],
  [{ path: "/cdn/shop/hat" }, "asset"],
  [{ path: "/theme.css" }, "asset"],
  [{ path: "/wp-login.php" }, "unmapped_path"],
])("%j is left out as %s", (change, reason) => {
  expect(requested(change)).toBe(reason)
})

test("a page that the browser had kept was seen all the same", () => {
  expect(requested({ status: 304 })).toMatchObject({ type: "product_view" })
})

test("a handle reads as a title", () => {
  expect(titleOfHandle("red-wool_hat")).toBe("Red wool hat")
})
