import { expect, test } from "vitest"
import { asOneTest, closingLine, isGreen, notRun, strict, total } from "./outcome.ts"
import { readPytest, readVitest } from "./read-reports.ts"

const vitestReport = (files: { status: string; tests: string[] }[]) => {
  const statuses = files.flatMap((file) => file.tests)
  const count = (status: string) => statuses.filter((one) => one === status).length
  return JSON.stringify({
    numPassedTests: count("passed"),
    numFailedTests: count("failed"),
    numPendingTests: count("skipped"),
    numTodoTests: count("todo"),
    testResults: files.map((file, index) => ({
      name: `file-${index}.test.ts`,
      status: file.status,
      assertionResults: file.tests.map((status, at) => ({ fullName: `test ${at}`, status })),
    })),
  })
}

test("the closing line adds up all runners, and names skipped tests only where there are some", () => {
  const vitest = readVitest(
    "typescript",
    vitestReport([{ status: "passed", tests: ["passed", "passed"] }]),
    0,
  )
  expect(closingLine(total([asOneTest("lint", true), vitest]))).toBe("3 passed, 0 failed")
  expect(closingLine(total([vitest, notRun("python", "no Python")]))).toBe("2 passed, 0 failed, 1 skipped")
})

test("what did not run is not passed, and on a build server it has failed", () => {
  const missing = notRun("python", "no Python")
  expect(isGreen(total([missing]))).toBe(false)
  expect(strict(missing)).toMatchObject({ passed: 0, failed: 1, skipped: 0 })
  const todo = readVitest(
    "typescript",
    vitestReport([{ status: "passed", tests: ["passed", "todo", "skipped"] }]),
    0,
  )
  expect(todo).toMatchObject({ passed: 1, failed: 0, skipped: 2 })
  expect(isGreen(strict(todo))).toBe(false)
})

test("a file that does not load is a failure though no test of it failed", () => {
  const report = vitestReport([
    { status: "passed", tests: ["passed"] },
    { status: "failed", tests: [] },
  ])
  expect(readVitest("typescript", report, 1)).toMatchObject({ passed: 1, failed: 1 })
})

test("an error outside of any test fails the run", () => {
  const report = vitestReport([{ status: "passed", tests: ["passed"] }])
  expect(readVitest("typescript", report, 1)).toMatchObject({ passed: 1, failed: 1 })
  const xml = '<testsuites><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="4" time="1">'
  expect(readPytest("pytest", xml, 2)).toMatchObject({ passed: 4, failed: 1 })
})

test("pytest's errors, failures and skips are told apart, and no report is a failure", () => {
  const xml = '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1">'
  expect(readPytest("pytest", xml, 1)).toMatchObject({ passed: 4, failed: 3, skipped: 3 })
  expect(readPytest("pytest", "", 5)).toMatchObject({ passed: 0, failed: 1 })
})
