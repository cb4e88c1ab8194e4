import { z } from "zod"

/** What the pipeline reports of a trained model, as tables for a terminal. */
const METRICS = ["R@5", "R@10", "R@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR@20"] as const

const metricsSchema = z.object(
  Object.fromEntries(METRICS.map((name) => [name, z.number()])) as Record<
    (typeof METRICS)[number],
    z.ZodNumber
  >,
)
const reportSchema = z.object({
  cases: z.object({ validation: z.number(), test: z.number(), test_shoppers: z.number() }),
  next_item: z.record(z.string(), metricsSchema.extend({ setting: z.string() })),
  next_item_unmasked: z.record(z.string(), metricsSchema),
  gain_in_ndcg_at_10: z.record(
    z.string(),
    z.object({
      gain: z.number(),
      low: z.number(),
      high: z.number(),
      beaten: z.boolean(),
      gates: z.boolean(),
    }),
  ),
  beats_every_baseline: z.boolean(),
  next_stage: z.object({
    events: z.number(),
    log_loss: z.number().optional(),
    transition_table_log_loss: z.number().optional(),
  }),
  /** Each head of the model beside the next item, by the name of its output. */
  heads: z.record(z.string(), z.looseObject({ served: z.boolean() })),
})

const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`

export function resultsTable(report: unknown): string {
  const parsed = reportSchema.parse(report)
  const line = (name: string, row: z.output<typeof metricsSchema>) =>
    `  ${name.padEnd(20)}${METRICS.map((metric) => row[metric].toFixed(4).padStart(9)).join("")}`
  const { cases, next_stage: stage } = parsed
  const lines = [
    "",
    `Next product, on the last part of the log by time: ${cases.test.toLocaleString("en")} questions of ${cases.test_shoppers.toLocaleString("en")} shoppers, full ranking`,
    `  ${"".padEnd(20)}${METRICS.map((metric) => metric.padStart(9)).join("")}`,
    ...Object.entries(parsed.next_item).map(
      ([name, row]) => `${line(name, row)}   ${name === "model" ? "" : row.setting}`,
    ),
    ...Object.entries(parsed.next_item_unmasked).map(([name, row]) => line(`${name}, unmasked`, row)),
  ]
  if (stage.log_loss !== undefined && stage.transition_table_log_loss !== undefined)
    lines.push(
      "",
      `Next stage, log loss in nats on ${stage.events.toLocaleString("en")} events: model ${stage.log_loss.toFixed(4)}, transition table ${stage.transition_table_log_loss.toFixed(4)}`,
    )
  const heads = Object.entries(parsed.heads)
  const names = (served: boolean) =>
    heads
      .filter(([, head]) => head.served === served)
      .map(([name]) => name.replace(/_(logits?|hazard_logits)$/, ""))
  lines.push(
    `Heads that beat their baselines and are served: ${names(true).join(", ") || "none"}. Left out: ${names(false).join(", ") || "none"}. Their figures are in card.md.`,
  )
  lines.push("")
  return lines.join("\n")
}

/** Whether it beats every baseline that gates publishing, and by how much it leads each one. */
export function verdict(report: unknown): { beaten: boolean; text: string } {
  const parsed = reportSchema.parse(report)
  const lines = Object.entries(parsed.gain_in_ndcg_at_10).map(
    ([name, one]) =>
      `  ${one.beaten ? "✓" : "✗"} ${name}: ${signed(one.gain)} NDCG@10, 95 % interval ${signed(one.low)} to ${signed(one.high)}${one.gates ? "" : " (for reference, does not gate)"}`,
  )
  const head = parsed.beats_every_baseline
    ? "It beats every baseline that gates:"
    : "It does not beat every baseline that gates:"
  return { beaten: parsed.beats_every_baseline, text: [head, ...lines].join("\n") }
}
