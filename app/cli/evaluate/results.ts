/** What the pipeline says of an evaluation (ml/throughline/evaluation/result.py). */
import { z } from "zod"
import { pictureSchema } from "../report/picture.ts"

/** In the order in which they are shown. */
export const METRICS = [
  "R@5",
  "R@10",
  "R@20",
  "NDCG@5",
  "NDCG@10",
  "NDCG@20",
  "MRR@20",
  "AUC",
  "AUPR",
  "Brier",
  "ECE",
  "RMSE",
  "MSE",
  "MAE",
  "Gini",
] as const
export type Metric = (typeof METRICS)[number]

/** Of these a smaller figure is the better one. */
const LESS_IS_BETTER: ReadonlySet<string> = new Set(["Brier", "ECE", "RMSE", "MSE", "MAE"] satisfies Metric[])

export function lessIsBetter(metric: string): boolean {
  return LESS_IS_BETTER.has(metric)
}

const metricSchema = z.enum(METRICS)

const rowSchema = z.object({
  model: z.string(),
  metrics: z.partialRecord(metricSchema, z.number()),
  interval: z.partialRecord(metricSchema, z.tuple([z.number(), z.number()])),
  setting: z.string().default(""),
  validation: z.number().nullable().default(null),
  chosen: z.boolean(),
  reference: z.boolean().default(false),
  detail: z.record(z.string(), z.number()).default({}),
})
export type ResultRow = z.output<typeof rowSchema>

const differenceSchema = z.object({
  of: z.string(),
  over: z.string(),
  metric: z.string(),
  gain: z.number(),
  low: z.number(),
  high: z.number(),
})
export type Difference = z.output<typeof differenceSchema>

export const resultSchema = z.object({
  target: z.string(),
  split: z.string(),
  seed: z.number(),
  decided_by: z.string(),
  rows: z.array(rowSchema).min(1),
  cases: z.record(z.string(), z.union([z.number(), z.string()])),
  differences: z.array(differenceSchema).default([]),
  pictures: z.array(pictureSchema).default([]),
  notes: z.array(z.string()).default([]),
})
export type EvaluationResult = z.output<typeof resultSchema>

/** Of the rows to compare with no more are shown at once. */
export const MOST_REFERENCES = 8

/** Those that any row has. */
export function metricsOf(rows: readonly Pick<ResultRow, "metrics">[]): Metric[] {
  return METRICS.filter((metric) => rows.some((row) => row.metrics[metric] !== undefined))
}

/** Of a metric by a name that may be none of them. */
export function ofMetric<Value>(
  of: Readonly<Partial<Record<Metric, Value>>>,
  metric: string,
): Value | undefined {
  return Object.entries<Value>(of).find(([name]) => name === metric)?.[1]
}

const IN_UNITS: ReadonlySet<string> = new Set(["RMSE", "MSE", "MAE"] satisfies Metric[])

/** Errors are in units of what is predicted, and get the digits that their size leaves a meaning; shares get four. */
export function figure(metric: string, value: number | undefined): string {
  if (value === undefined) return "–"
  const size = Math.abs(value)
  if (!IN_UNITS.has(metric) || size < 10) return value.toFixed(4)
  const digits = size < 1_000 ? 2 : 0
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function signed(metric: string, value: number): string {
  return `${value < 0 ? "−" : "+"}${figure(metric, Math.abs(value))}`
}
