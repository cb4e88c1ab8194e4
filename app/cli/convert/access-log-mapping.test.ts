import { expect, test } from "vitest"
import { DEFAULT_RULES, meaningOf, parseRules } from "./access-log-mapping.ts"

test.each([
  ["GET", "/", "page_view"],
  ["GET", "/en-gb/", "page_view"],
  ["GET", "/pages/about", "page_view"],
  ["GET", "/account/login", "page_view"],
  ["GET", "/collections", "collection_view"],
  ["GET", "/collections/hats/wool", "collection_view"],
  ["GET", "/products/red-hat", "product_view"],
  ["GET", "/fr/collections/hats/products/red-hat/", "product_view"],
  ["GET", "/search", "search"],
  ["POST", "/cart/add.js", "cart_add"],
  ["GET", "/cart", "cart_view"],
  ["GET", "/checkout", "checkout_start"],
  ["GET", "/checkouts/cn/9f2c/information", "checkout_contact"],
  ["GET", "/checkouts/cn/9f2c/shipping", "checkout_shipping"],
  ["GET", "/checkouts/cn/9f2c/payment", "checkout_payment"],
  ["GET", "/checkouts/cn/9f2c/thank-you", "purchase"],
  ["GET", "/690933842/orders/9f2c/thank_you", "purchase"],
  ["GET", "/checkout/thank-you", "purchase"],
  ["POST", "/account/login", "login"],
  ["POST", "/account", "register"],
])("%s %s is %s", (method, path, type) => {
  expect(meaningOf(DEFAULT_RULES, method, path)?.rule.type).toBe(type)
})

test.each([
  ["GET", "/products/red-hat.js"],
  ["GET", "/cart.js"],
  ["POST", "/cart/change.js"],
  ["GET", "/wp-login.php"],
])("%s %s means nothing", (method, path) => {
  expect(meaningOf(DEFAULT_RULES, method, path)).toBeNull()
})

test("the product and the order are read from the path", () => {
  expect(meaningOf(DEFAULT_RULES, "GET", "/collections/hats/products/red-hat")?.item).toBe("red-hat")
  expect(meaningOf(DEFAULT_RULES, "GET", "/checkouts/cn/9f2c/thank-you")?.order).toBe("9f2c")
  expect(meaningOf(DEFAULT_RULES, "GET", "/690933842/orders/9f2c/thank_you")?.order).toBe("9f2c")
})

test("the first rule that fits counts", () => {
  const rules = parseRules(
    '[{"path": "^/p/(?<item>\\\\d+)$", "type": "product_view"}, {"path": "^/p/", "type": "page_view"}]',
    "rules.json",
  )
  expect(meaningOf(rules, "GET", "/p/17")).toMatchObject({ item: "17", rule: { type: "product_view" } })
  expect(meaningOf(rules, "GET", "/p/about")?.rule.type).toBe("page_view")
})

test.each([
  ["{", /no JSON/],
  ["[]", /path rules/],
  ['[{"path": "(", "type": "purchase"}]', /no regular expression/],
  ['[{"path": "^/$", "type": "buy"}]', /type/],
  ['[{"path": "^/$", "type": "purchase", "status": 200}]', /status/],
])("rules %s are refused with what is wrong", (text, message) => {
  expect(() => parseRules(text, "rules.json")).toThrow(message)
})
