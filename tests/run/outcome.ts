/** What a runner reports: how many tests passed, failed and did not run, and why the last. */
export type Outcome = {
  runner: string
  passed: number
  failed: number
  skipped: number
  notes: string[]
}

/** A check that passes or fails as a whole (a linter, the types) counts as one test. */
export function asOneTest(runner: string, passed: boolean): Outcome {
  return { runner, passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, notes: [] }
}

/** A runner that could not start: it never counts as passed. */
export function notRun(runner: string, reason: string): Outcome {
  return { runner, passed: 0, failed: 0, skipped: 1, notes: [reason] }
}

/** On a build server what did not run has failed: nobody is there to read a reason. */
export function strict(outcome: Outcome): Outcome {
  return { ...outcome, failed: outcome.failed + outcome.skipped, skipped: 0 }
}

export function total(outcomes: Outcome[]): Outcome {
  const sum = (pick: (outcome: Outcome) => number) => outcomes.reduce((all, one) => all + pick(one), 0)
  return {
    runner: "all",
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    notes: outcomes.flatMap(({ notes }) => notes),
  }
}

/** `12 passed, 0 failed`, and `, 3 skipped` where some were. */
export function closingLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`
}

export function isGreen({ passed, failed }: Outcome): boolean {
  return failed === 0 && passed > 0
}
