/** Reads the machine-readable reports of vitest and pytest. */
import { z } from "zod"
import type { Outcome } from "./outcome.ts"

const VitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

/** @param exitCode counts too: an error outside any test fails the run without failing a test. */
export function readVitest(runner: string, json: string, exitCode: number | null): Outcome {
  const report = VitestReport.parse(JSON.parse(json))
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  )
  const failed = report.numFailedTests + brokenFiles.length
  const skipped = report.testResults.flatMap((file) =>
    file.assertionResults.filter(({ status }) => ["skipped", "pending", "todo"].includes(status)),
  )
  return {
    runner,
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    notes: [
      ...brokenFiles.map(({ name }) => `${name} did not load`),
      ...skipped.map(({ fullName }) => `did not run: ${fullName}`),
    ],
  }
}

/** @param xml JUnit report of pytest */
export function readPytest(runner: string, xml: string, exitCode: number | null): Outcome {
  const count = (name: string) =>
    Number(xml.match(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`))?.[1] ?? 0)
  const failed = count("failures") + count("errors")
  const skipped = count("skipped")
  return {
    runner,
    passed: count("tests") - failed - skipped,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped,
    notes: skipped ? [`${runner}: ${skipped} did not run`] : [],
  }
}
