import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { newOutcome } from "./fault.ts"
import { FAULTS } from "./programme.ts"
import { judged, table } from "./table.ts"

test("the bound is the rule of three, and there is none where something broke", () => {
  const outcome = {
    ...newOutcome(1, "x", "kills"),
    trials: 200,
    recoveryMs: [5, 1, 9, 2],
    recoveryTargetMs: 8,
  }
  expect(judged(outcome)).toMatchObject({ failureRateBelow: 0.015, ok: true, inTime: false })
  expect(judged(outcome).recoveryMs).toMatchObject({ p50: 2, p99: 9 })
  expect(judged({ ...outcome, lost: 1 })).toMatchObject({ failureRateBelow: null, ok: false })
  expect(judged({ ...outcome, trials: 0 })).toMatchObject({ failureRateBelow: null, ok: false })
})

test("a broken invariant, a late recovery and a good run can be told apart in the table", () => {
  const good = { ...newOutcome(1, "good", "kills"), trials: 3 }
  const broken = { ...good, injected: "bad", wrong: ["something else"] }
  const late = { ...good, injected: "slow", recoveryMs: [20_000], recoveryTargetMs: 15_000 }
  const lines = table([good, broken, late]).split("\n")
  expect(lines[1]).toMatch(/good .*✓$/)
  expect(lines[2]).toMatch(/bad .*✗ BROKEN$/)
  expect(lines[3]).toMatch(/slow .* 20\.0 .*✗ late$/)
  expect(lines.join("\n")).toContain("✗ 1 bad: something else")
})

test("each fault of the programme is there once", () => {
  const numbers = FAULTS.map(({ number }) => number)
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  for (const { counts } of FAULTS) expect(counts.long).toBeGreaterThanOrEqual(counts.small)
})

test("a run injects, compares, writes its report and takes everything away again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "throughline-faults-test-"))
  const file = join(folder, "report.json")
  const { code, stderr } = await run(["--only", "6", "--count", "3", "--json", file], { TMPDIR: folder })
  expect(stderr).toContain("6 one webhook id from two shops")
  expect(code).toBe(0)
  const report = JSON.parse(readFileSync(file, "utf8"))
  expect(report).toMatchObject({
    seed: 1,
    outcomes: [{ fault: 6, trials: 3, lost: 0, doubled: 0, ok: true }],
  })
  // Nothing is left in the folder for temporary things but what was asked for.
  expect(readdirSync(folder)).toEqual(["report.json"])
  rmSync(folder, { recursive: true })
}, 120_000)

function run(args: string[], variables: Record<string, string>): Promise<{ code: number; stderr: string }> {
  return new Promise((resolve) => {
    const program = join(import.meta.dirname, "run.ts")
    const env = { ...process.env, ...variables, NODE_OPTIONS: "" }
    execFile(process.execPath, [program, ...args], { env }, (error, _stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    )
  })
}
