import { z } from "zod"
import type { BgNbdParameters } from "../journey/p-alive.ts"

/** What the pipeline says of who buys again (ml/throughline/customers.py), as lines for a terminal. */
const heldOutSchema = z.object({
  days: z.number(),
  customers: z.number(),
  bought: z.number(),
  log_loss: z.number(),
  rhythm_log_loss: z.number(),
  same_for_all_log_loss: z.number(),
  predicted: z.number(),
  rhythm_predicted: z.number(),
  observed: z.number(),
  calibration_error: z.number(),
  rhythm_calibration_error: z.number(),
  gain: z.number(),
  low: z.number(),
  high: z.number(),
  beaten: z.boolean(),
})
const reportSchema = z.object({
  customers: z.number(),
  repeat_customers: z.number(),
  bgnbd: z
    .object({
      r: z.number().positive(),
      alpha: z.number().positive(),
      a: z.number().positive(),
      b: z.number().positive(),
    })
    .nullable(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  held_out: heldOutSchema.nullable(),
  spend: z.object({
    customers: z.number(),
    parameters: z.object({ p: z.number(), q: z.number(), gamma: z.number() }).nullable(),
    reason: z.string().optional(),
    detail: z.string().optional(),
    expected_order_cents: z.number().optional(),
    mean_order_cents: z.number().optional(),
    correlation_of_count_and_mean: z.number().optional(),
  }),
})

export type CustomerResults = {
  /** To be used from now on; null where there are none that beat the plain rhythm. */
  bgnbd: BgNbdParameters | null
  text: string
}

const count = (value: number) => value.toLocaleString("en")
const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`
const figures = (parameters: Record<string, number>) =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join(", ")

export function customerResults(report: unknown): CustomerResults {
  const parsed = reportSchema.parse(report)
  const { held_out: heldOut, bgnbd, spend } = parsed
  const lines = [
    "",
    `Who buys again: ${count(parsed.customers)} customers, ${count(parsed.repeat_customers)} of whom did`,
  ]
  if (heldOut !== null) lines.push(...heldOutLines(heldOut))
  lines.push(
    bgnbd === null
      ? `  No BG/NBD parameters (${parsed.reason ?? "none"}): ${parsed.detail ?? ""}. Lifecycles go by the plain rhythm.`
      : `  BG/NBD in days, from the whole log: ${figures(bgnbd)}`,
    spend.parameters === null
      ? `  No Gamma-Gamma parameters (${spend.reason ?? "none"}): ${spend.detail ?? ""}.`
      : `  Gamma-Gamma in cents, from ${count(spend.customers)} customers: ${figures(spend.parameters)}`,
  )
  return { bgnbd, text: lines.join("\n") }
}

function heldOutLines(heldOut: z.output<typeof heldOutSchema>): string[] {
  const row = (name: string, loss: number, predicted: number, error: number) =>
    `  ${name.padEnd(16)}${[loss, predicted, error].map((value) => value.toFixed(4).padStart(20)).join("")}`
  return [
    `  The last ${heldOut.days} days held out: ${count(heldOut.bought)} of ${count(heldOut.customers)} customers bought (${heldOut.observed.toFixed(4)})`,
    `  ${"".padEnd(16)}${["log loss", "predicted share", "calibration error"].map((name) => name.padStart(20)).join("")}`,
    row("BG/NBD", heldOut.log_loss, heldOut.predicted, heldOut.calibration_error),
    row("plain rhythm", heldOut.rhythm_log_loss, heldOut.rhythm_predicted, heldOut.rhythm_calibration_error),
    `  ${"same for all".padEnd(16)}${heldOut.same_for_all_log_loss.toFixed(4).padStart(20)}`,
    `  ${heldOut.beaten ? "✓" : "✗"} BG/NBD against the plain rhythm: ${signed(heldOut.gain)} nats, 95 % interval ${signed(heldOut.low)} to ${signed(heldOut.high)}`,
  ]
}
