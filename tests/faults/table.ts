import { holds, inTime, type Outcome, quantile } from "./fault.ts"

/** What a reader of the JSON needs beside the raw outcome. */
export function judged(outcome: Outcome) {
  const { recoveryMs, trials } = outcome
  return {
    ...outcome,
    recoveryMs: {
      p50: recoveryMs.length > 0 ? Math.round(quantile(recoveryMs, 0.5)) : null,
      p99: recoveryMs.length > 0 ? Math.round(quantile(recoveryMs, 0.99)) : null,
      each: recoveryMs.map(Math.round),
    },
    // The rule of three: with no failure in n trials, the rate is below 3/n with 95 % confidence.
    failureRateBelow: holds(outcome) ? Math.min(1, 3 / trials) : null,
    ok: holds(outcome),
    inTime: inTime(outcome),
  }
}

const HEAD = ["#", "fault", "trials", "lost", "doubled", "leaked", "p50 s", "p99 s", "target", "3/n", ""]

export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { recoveryMs, failureRateBelow, ok, inTime: soon } = judged(outcome)
    const seconds = (ms: number | null) => (ms === null ? "" : (ms / 1_000).toFixed(1))
    const target = outcome.recoveryTargetMs
    return [
      String(outcome.fault),
      outcome.injected,
      `${outcome.trials} ${outcome.trialsAre}`,
      String(outcome.lost),
      String(outcome.doubled),
      String(outcome.leaked),
      seconds(recoveryMs.p50),
      seconds(recoveryMs.p99),
      target === undefined ? "" : `≤ ${target / 1_000} s`,
      failureRateBelow === null ? "" : shortNumber(failureRateBelow),
      !ok ? "✗ BROKEN" : soon ? "✓" : "✗ late",
    ]
  })
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        (isNumeric(column) ? cell.padStart : cell.padEnd).call(cell, widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd()
  const remarks = outcomes.flatMap(({ fault, injected, wrong, notes }) => [
    ...wrong.map((text) => `✗ ${fault} ${injected}: ${text}`),
    ...notes.map((text) => `  ${fault} ${injected}: ${text}`),
  ])
  return [line(HEAD), ...rows.map(line), "", ...remarks].join("\n")
}

const isNumeric = (column: number) => column === 0 || (column >= 3 && column <= 9)

const shortNumber = (value: number) => (value >= 0.01 ? value.toFixed(2) : value.toExponential(0))
