import { expect, test } from "vitest"
import { centsOfMoney } from "./money.ts"
import { idOf, resourceId } from "./shop-ids.ts"
import { msOfTime, versionOf } from "./shop-time.ts"

const SEEN = Date.UTC(2026, 8, 1, 10)

test.each([
  ["2026-09-01T12:00:00+02:00", SEEN],
  ["2026-09-01T05:00:00-0500", SEEN],
  ["2026-09-01T10:00:00Z", SEEN],
  ["2026-09-01T10:00:00.250Z", SEEN + 250],
])("%s is a time", (text, ms) => {
  expect(msOfTime(text, SEEN)).toBe(ms)
})

test.each([
  "2026-09-01T10:00:00",
  "2026-09-01",
  "1788256800000",
  "2026-13-01T10:00:00Z",
  "1990-01-01T00:00:00Z",
  "2026-09-03T10:00:00Z",
  "",
  5,
  null,
])("%j is none that can be", (value) => {
  expect(msOfTime(value, SEEN)).toBeUndefined()
})

test("a version is when it was seen, within the second of its change", () => {
  expect(versionOf(1_000, 1_400)).toBe(1_400)
  expect(versionOf(1_000, 90_000)).toBe(1_999)
  expect(versionOf(1_000, 900)).toBe(1_000)
  expect(versionOf(undefined, 900)).toBe(900)
})

test.each([
  ["19.90", 1_990],
  [19.9, 1_990],
  ["1200", 120_000],
  ["-5.00", -500],
  ["-0.00", 0],
  [{ shop_money: { amount: "1.05", currency_code: "EUR" } }, 105],
  [{ shopMoney: { amount: "1.05" } }, 105],
  [{ amount: "2.00", currencyCode: "EUR" }, 200],
  ["30000000.00", 3_000_000_000],
  ["1e5", undefined],
  ["", undefined],
  ["1,5", undefined],
  ["99999999999999999999", undefined],
  [null, undefined],
  [{}, undefined],
  [Number.NaN, undefined],
])("money %j is %j hundredths", (value, cents) => {
  expect(centsOfMoney(value)).toBe(cents)
})

test.each([
  [123, "123"],
  ["788032119674292922", "788032119674292922"],
  ["gid://shopify/Order/5", "5"],
  ["gid://shopify/InventoryLevel/5?inventory_item_id=9", "5"],
  [2 ** 53, undefined],
  [-1, undefined],
  [1.5, undefined],
  ["5; DROP", undefined],
  ["gid://other/Order/5", undefined],
  [null, undefined],
])("id %j is %j", (value, id) => {
  expect(idOf(value)).toBe(id)
})

test("where a number was rounded, the global id is exact", () => {
  expect(resourceId({ id: 2 ** 60, admin_graphql_api_id: "gid://shopify/Order/1152921504606846977" })).toBe(
    "1152921504606846977",
  )
})
