import { expect, test } from "vitest"
import { EVENT_TYPE_CODES, EVENT_TYPES } from "./event.ts"

test("every type has a code of its own, in the order of the journey, leaving 0 for padding", () => {
  expect(EVENT_TYPES.map((type) => EVENT_TYPE_CODES[type])).toEqual(EVENT_TYPES.map((_, index) => index + 1))
})
