/**
 * What `npm test` runs: linter, types, TypeScript, Python and browser tests, closed by one plain line over all of
 * them. What did not run is named and never counts as passed; with CI=true it has failed.
 * `npm test -- app/journey` runs the TypeScript tests whose path contains that, `-- ml/tests/test_x.py` those of
 * Python, `-- tests/browser` those of the browser.
 */
import { closingLine, isGreen, notRun, type Outcome, strict, total } from "./run/outcome.ts"
import { browser, lint, preparePython, prepareRedis, python, types, typescript } from "./run/runners.ts"

async function everything(): Promise<Outcome[]> {
  const prepared = await preparePython()
  if ("interpreter" in prepared) await prepareRedis(prepared.interpreter)
  return [
    await lint(),
    await types(),
    await typescript([]),
    ...("interpreter" in prepared ? await python(prepared.interpreter, []) : [prepared.missing]),
    await browser([]),
  ]
}

async function only(filters: string[]): Promise<Outcome[]> {
  const forPython = filters.filter((filter) => filter.startsWith("ml/"))
  const forBrowser = filters.filter((filter) => filter.startsWith("tests/browser"))
  const rest = filters.filter((filter) => !forPython.includes(filter) && !forBrowser.includes(filter))
  const outcomes: Outcome[] = []
  if (rest.length) outcomes.push(await typescript(rest))
  if (forBrowser.length) outcomes.push(await browser(forBrowser))
  if (forPython.length) {
    const prepared = await preparePython()
    const inMl = forPython.map((filter) => filter.slice("ml/".length)).filter((filter) => filter !== "")
    if ("interpreter" in prepared) outcomes.push(...(await python(prepared.interpreter, inMl)))
    else outcomes.push(prepared.missing)
  }
  return outcomes
}

const filters = process.argv.slice(2)
const startedMs = Date.now()
const onServer = ["true", "1"].includes(process.env.CI ?? "")
const found = filters.length ? await only(filters) : await everything()
const outcomes = onServer ? found.map(strict) : found
const all = total(outcomes.length ? outcomes : [notRun("all", "no runner matched")])

process.stdout.write(`\n── Outcome (${Math.round((Date.now() - startedMs) / 1000)} s) ${"─".repeat(50)}\n`)
for (const outcome of outcomes) process.stdout.write(`  ${outcome.runner}: ${closingLine(outcome)}\n`)
for (const note of all.notes) process.stdout.write(`  ! ${note}\n`)
process.stdout.write(`\n${closingLine(all)}\n`)
process.exitCode = isGreen(all) ? 0 : 1
