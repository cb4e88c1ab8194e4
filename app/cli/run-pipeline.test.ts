import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { runPipeline } from "./run-pipeline.ts"

const folder = mkdtempSync(join(tmpdir(), "throughline-pipeline-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Stands in for Python: notes how it was called, and ends as it is told to. */
function interpreter(end: string): string {
  const path = join(folder, "python")
  writeFileSync(path, `#!/bin/sh\necho "$@ $OMP_NUM_THREADS" > "${folder}/called"\n${end}\n`)
  chmodSync(path, 0o755)
  return path
}

const run = (end: string) =>
  runPipeline({
    python: interpreter(end),
    module: "throughline.evaluation",
    args: ["--seed", "3"],
    threads: 2,
    tooLittle: "Too little.",
    stopped: "Stopped ({exit}).",
  })

test("a run is given its arguments and threads, and ends when this process does", async () => {
  await run("exit 0")
  expect(readFileSync(join(folder, "called"), "utf8")).toBe(
    "-m throughline.evaluation --seed 3 --end-with-input 2\n",
  )
})

test("too little data and a run that broke off are told apart", async () => {
  await expect(run("exit 3")).rejects.toMatchObject({ code: "not_enough_data", message: "Too little." })
  await expect(run("exit 1")).rejects.toMatchObject({ code: "internal", message: "Stopped (exit 1)." })
  await expect(run("kill -9 $$")).rejects.toMatchObject({ message: "Stopped (by a signal)." })
})
