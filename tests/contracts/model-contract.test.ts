import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { EVENT_TYPE_CODES } from "../../app/capture/event.ts"
import { CONTRACT, contractJson } from "../../app/features/contract.ts"

test("ml/contract.json is what app/features defines (npm run contracts writes it)", () => {
  const file = fileURLToPath(new URL("../../ml/contract.json", import.meta.url))
  expect(readFileSync(file, "utf8")).toBe(contractJson())
})

test("every event type has a place in the type vocabulary", () => {
  const column = CONTRACT.history_inputs.find((one) => one.name === "event_type")
  expect(Math.max(...Object.values(EVENT_TYPE_CODES))).toBeLessThan(column?.vocabulary ?? 0)
})
