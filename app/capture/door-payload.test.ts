import { expect, test } from "vitest"
import { parseDoorPayload } from "./door-payload.ts"

const NOW = Date.UTC(2026, 5, 1)

function bodyWith(overrides: object): string {
  return JSON.stringify({
    shopper: { kind: "browser", name: "browser-1" },
    events: [{ type: "page_view", at: NOW }],
    ...overrides,
  })
}

test("the block may tell the browser's cart, the pixel may not", () => {
  expect(parseDoorPayload("block", bodyWith({ cart: "cart-1" }), NOW)).toMatchObject({ cart: "cart-1" })
  expect(parseDoorPayload("pixel", bodyWith({}), NOW)).toMatchObject({
    shopper: "browser-1",
    cart: undefined,
  })
  expect(parseDoorPayload("pixel", bodyWith({ cart: "cart-1" }), NOW)).toBe("bad_payload")
})
