import { expect, test } from "vitest"
import { eventOfVisit } from "./tmall.ts"

const visit = { user_id: "10944750", brand_id: "13451", type: "0", visit_datetime: "6-4" }

test("a click is a product view at noon of its day", () => {
  expect(eventOfVisit(visit)).toEqual({
    shopper: "10944750",
    type: "product_view",
    atMs: Date.UTC(2013, 5, 4, 12),
    item: "13451",
  })
})

test.each([
  ["1", "purchase"],
  ["2", "favourite"],
  ["3", "cart_add"],
])("type %s is %s", (type, expected) => {
  expect(eventOfVisit({ ...visit, type })).toMatchObject({ type: expected })
})

test("a day in Chinese is the same day", () => {
  expect(eventOfVisit({ ...visit, visit_datetime: "6月4日" })).toEqual(eventOfVisit(visit))
})

test.each([
  [{ type: "4" }, "unknown_type"],
  [{ visit_datetime: "4-31" }, "bad_time"],
  [{ visit_datetime: "2013-06-04" }, "bad_time"],
  [{ brand_id: "" }, "bad_row"],
])("%j is left out as %s", (change, reason) => {
  expect(eventOfVisit({ ...visit, ...change })).toBe(reason)
})
