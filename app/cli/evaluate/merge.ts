/** Several runs of one evaluation that differ in their seed: mean and spread (standard deviation) of each model. */
import { AppError } from "../../errors.ts"
import { alignedLines } from "../report/lines.ts"
import { figure, METRICS, type Metric, metricsOf } from "./results.ts"
import type { Run } from "./results-file.ts"
import { SPLITS, TITLES } from "./results-text.ts"

type Figures = Partial<Record<Metric, number>>

export type MergedRow = {
  model: string
  /** In how many runs it was chosen, of those it is in. */
  chosenIn: number
  runs: number
  /** Means, and standard deviations between runs (of a sample: over runs − 1). */
  metrics: Figures
  spread: Figures
}

export type Merged = {
  target: string
  split: string
  cut: string | null
  data: string
  seeds: number[]
  decidedBy: string
  rows: MergedRow[]
  /** Of whichever model each run chose: what the procedure is worth. */
  chosen: Omit<MergedRow, "model" | "chosenIn">
}

export type NamedRun = { file: string; run: Run }

/** @throws AppError `bad_request` where the runs are not of one evaluation, or of one seed */
export function mergeRuns(runs: readonly NamedRun[]): Merged {
  const [first] = runs
  if (first === undefined || runs.length < 2)
    throw new AppError("bad_request", `Expected at least two runs to merge, got ${runs.length}.`)
  for (const name of ["target", "split", "cut", "data"] as const)
    for (const { file, run } of runs)
      if (run[name] !== first.run[name])
        throw new AppError(
          "bad_request",
          `${file} has another ${name} than ${first.file} (${run[name]} and ${first.run[name]}). Merge runs that differ in their seed alone.`,
        )
  for (const [index, { file, run }] of runs.entries()) {
    const twin = runs.slice(0, index).find((other) => other.run.seed === run.seed)
    if (twin)
      throw new AppError(
        "bad_request",
        `${file} and ${twin.file} are both of seed ${run.seed}: merged, one run would count twice.`,
      )
  }
  const models = [...new Set(runs.flatMap(({ run }) => run.rows.map(({ model }) => model)))]
  return {
    target: first.run.target,
    split: first.run.split,
    cut: first.run.cut,
    data: first.run.data,
    seeds: runs.map(({ run }) => run.seed),
    decidedBy: first.run.decided_by,
    rows: models.map((model) => {
      const rows = runs.flatMap(({ run }) => run.rows.filter((row) => row.model === model))
      return { model, chosenIn: rows.filter((row) => row.chosen).length, ...meanAndSpread(rows) }
    }),
    chosen: meanAndSpread(runs.flatMap(({ run }) => run.rows.filter((row) => row.chosen))),
  }
}

function meanAndSpread(rows: readonly Pick<Run["rows"][number], "metrics">[]) {
  const metrics: Figures = {}
  const spread: Figures = {}
  for (const metric of METRICS) {
    const values = rows.flatMap((row) => row.metrics[metric] ?? [])
    if (values.length === 0) continue
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    metrics[metric] = mean
    if (values.length < 2) continue
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    spread[metric] = Math.sqrt(squares / (values.length - 1))
  }
  return { runs: rows.length, metrics, spread }
}

export function mergedText(merged: Merged): string {
  const all = [
    ...merged.rows.map(nameOf(merged.seeds.length)),
    { name: "★ whichever was chosen", ...merged.chosen },
  ]
  const metrics = metricsOf(all)
  const cells = all.map((row) => [
    row.name,
    ...metrics.map((metric) => {
      const spread = row.spread[metric]
      return `${figure(metric, row.metrics[metric])}${spread === undefined ? "" : ` ±${figure(metric, spread)}`}`
    }),
  ])
  return [
    "",
    `${TITLES[merged.target] ?? merged.target}, ${SPLITS[merged.split] ?? merged.split}: mean ± standard deviation of seeds ${merged.seeds.join(", ")}`,
    ...alignedLines([["", ...metrics], ...cells]),
    "",
  ].join("\n")
}

function nameOf(runs: number) {
  return (row: MergedRow) => {
    const times =
      row.chosenIn === 0
        ? ""
        : row.chosenIn === runs
          ? " (always chosen)"
          : ` (chosen ${row.chosenIn} of ${runs} times)`
    return { name: `  ${row.model}${times}`, ...row }
  }
}

export function mergedJson({ decidedBy, rows, ...merged }: Merged): string {
  const whole = {
    ...merged,
    decided_by: decidedBy,
    rows: rows.map(({ chosenIn, ...row }) => ({ ...row, chosen_in: chosenIn })),
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}
