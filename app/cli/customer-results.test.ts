import { expect, test } from "vitest"
import { customerResults } from "./customer-results.ts"

const report = (overrides: object = {}) => ({
  customers: 2_357,
  repeat_customers: 1_100,
  bgnbd: { r: 0.24, alpha: 30.9, a: 0.79, b: 2.43 },
  reason: null,
  detail: null,
  held_out: {
    from_ms: 1,
    days: 30,
    customers: 2_357,
    bought: 120,
    log_loss: 0.19,
    rhythm_log_loss: 0.2,
    same_for_all_log_loss: 0.21,
    predicted: 0.05,
    rhythm_predicted: 0.06,
    observed: 0.0509,
    calibration_error: 0.004,
    rhythm_calibration_error: 0.006,
    gain: 0.01,
    low: 0.004,
    high: 0.016,
    beaten: true,
  },
  spend: { customers: 900, parameters: { p: 6.25, q: 3.74, gamma: 1_544 } },
  ...overrides,
})

test("a fit that beats the plain rhythm is given on, with both log losses said", () => {
  const { bgnbd, text } = customerResults(report())
  expect(bgnbd).toEqual({ r: 0.24, alpha: 30.9, a: 0.79, b: 2.43 })
  expect(text).toMatch(/BG\/NBD +0\.1900 +0\.0500 +0\.0040/)
  expect(text).toMatch(/plain rhythm +0\.2000 +0\.0600 +0\.0060/)
  expect(text).toContain("✓ BG/NBD against the plain rhythm: +0.0100 nats")
})

test("a log that is too small gives the reason and no parameters", () => {
  const { bgnbd, text } = customerResults(
    report({
      bgnbd: null,
      held_out: null,
      reason: "too_few_customers",
      detail: "expected at least 200 customers, got 12",
      spend: { customers: 3, parameters: null, reason: "too_few_repeat_customers", detail: "got 3" },
    }),
  )
  expect(bgnbd).toBeNull()
  expect(text).toContain("No BG/NBD parameters (too_few_customers): expected at least 200 customers, got 12.")
  expect(text).toContain("No Gamma-Gamma parameters (too_few_repeat_customers): got 3.")
})
