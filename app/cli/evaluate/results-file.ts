/** The file of an evaluation: what it asked, of which data, and a row a model. */
import { z } from "zod"
import { AppError } from "../../errors.ts"
import type { Finding } from "./readiness.ts"
import { type EvaluationResult, METRICS, type ResultRow } from "./results.ts"

const metric = z.enum(METRICS)

export const runSchema = z.object({
  target: z.string(),
  split: z.string(),
  seed: z.number(),
  /** ISO 8601, or null where the program chose it. */
  cut: z.string().nullable(),
  /** Of the files that were read. */
  data: z.string(),
  decided_by: z.string(),
  rows: z
    .array(
      z.object({
        model: z.string(),
        chosen: z.boolean(),
        metrics: z.partialRecord(metric, z.number()),
        interval: z.partialRecord(metric, z.tuple([z.number(), z.number()])),
      }),
    )
    .min(1),
})
export type Run = z.output<typeof runSchema>

export type Asked = { cutMs: number | null; data: string }

export function resultsJson(
  result: EvaluationResult,
  findings: readonly Finding[],
  { cutMs, data }: Asked,
): string {
  const run: Run = {
    target: result.target,
    split: result.split,
    seed: result.seed,
    cut: cutMs === null ? null : new Date(cutMs).toISOString(),
    data,
    decided_by: result.decided_by,
    rows: result.rows.map(rowOfFile),
  }
  const notes = [...findings.map(({ level, subject, sentence }) => `${level}: ${subject}: ${sentence}`)]
  const whole = {
    ...run,
    cases: result.cases,
    differences: result.differences,
    notes: [...notes, ...result.notes],
    readiness: findings,
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}

function rowOfFile({ model, chosen, metrics, interval }: ResultRow): Run["rows"][number] {
  return { model, chosen, metrics, interval }
}

/** @throws AppError `bad_file` where it is not the file of one run */
export function parseRun(path: string, text: string): Run {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AppError(
      "bad_file",
      `${path} is no JSON. Expected a file that npm run evaluate wrote with --json.`,
      {
        cause,
      },
    )
  }
  const parsed = runSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError(
    "bad_file",
    `${path} is not the file of one evaluation: ${issue?.path.join(".") || "it"} ${issue?.message ?? "is wrong"}. Expected a file that npm run evaluate wrote with --json.`,
  )
}
