/**
 * The Python that training, evaluation and the pipeline's tests use: one virtual environment, `.venv`, with exactly
 * what ml/requirements-dev.txt names. Nothing else needs it: the demo and serving run without Python.
 */
import { execFileSync, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { AppError } from "../errors.ts"
import { startProgress } from "./progress.ts"
import { oneAtATime } from "./set-up/one-at-a-time.mjs"

const projectRoot = join(import.meta.dirname, "..", "..")
const venv = join(projectRoot, ".venv")
const python = join(venv, "bin", "python")
const stamp = join(venv, "installed-from")
const requirements = ["requirements.txt", "requirements-dev.txt"].map((file) => join(projectRoot, "ml", file))

const OLDEST_MINOR = 11
const NEWEST_MINOR = 14 // the newest that torch 2.13 has builds for

// Measured: torch's own build for processors, and the one with the GPU libraries that it brings along.
const CPU_BUILD = { fetchedMb: 490, onDiskMb: 1_650, minutes: "1 to 4" }
const GPU_BUILD = { fetchedMb: 2_940, onDiskMb: 8_150, minutes: "5 to 20" }

/**
 * Makes or completes the virtual environment and gives the path of its interpreter.
 * @throws AppError `missing_tool` without a Python to start from, `unavailable` when pip fails or the disk is full.
 */
export async function ensurePython(): Promise<string> {
  if (isComplete()) return python
  return oneAtATime(join(projectRoot, ".throughline", "python.lock"), async () => {
    if (!isComplete()) await install()
    return python
  })
}

function isComplete(): boolean {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint() && versionOf(python) !== null
}

function fingerprint(): string {
  const hash = createHash("sha256")
  for (const file of requirements) hash.update(readFileSync(file))
  return hash.digest("hex")
}

async function install(): Promise<void> {
  rmSync(stamp, { force: true })
  if (versionOf(python) === null) await makeVenv(systemPython())
  await requireRoom()
  const progress = startProgress("Python packages")
  let found = 0
  const { code, said } = await run(
    python,
    [
      "-m",
      "pip",
      "install",
      "--no-input",
      "--disable-pip-version-check",
      "--progress-bar=off",
      "-r",
      requirements[1] ?? "",
    ],
    (line) => {
      if (line.startsWith("Collecting ")) found++
      // pip begins with the addresses of its registries, which say nothing of how far it is.
      if (!line.startsWith("Looking in")) progress.update(found, null, line.slice(0, 80))
    },
  )
  progress.end(code === 0 ? "complete" : "stopped")
  if (code !== 0)
    throw new AppError(
      "unavailable",
      `The Python packages could not be installed (pip exited ${code}):\n${tail(said)}\nCheck the network, pip's settings (pip config list) and the free disk, then run the same command again.`,
    )
  writeFileSync(stamp, fingerprint())
}

async function makeVenv(base: string): Promise<void> {
  const { code, said } = await run(base, ["-m", "venv", "--clear", venv])
  if (code === 0) return
  rmSync(venv, { recursive: true, force: true })
  throw new AppError(
    "missing_tool",
    `${base} could not make a virtual environment in ${venv}:\n${tail(said)}\nOn Debian and Ubuntu install python3-venv; elsewhere a full Python with the modules venv and ensurepip.`,
  )
}

/** `python3` first: it is the one that the person chose, and local packages are made for it. */
function systemPython(): string {
  const names = ["python3", "python3.13", "python3.12", "python3.11", "python3.14", "python"]
  const found = names.map((name) => ({ name, version: versionOf(name) }))
  const usable = found.find(
    ({ version }) => version?.[0] === 3 && version[1] >= OLDEST_MINOR && version[1] <= NEWEST_MINOR,
  )
  if (usable) return usable.name
  const seen = found.flatMap(({ name, version }) => (version ? [`${name} is ${version.join(".")}`] : []))
  throw new AppError(
    "missing_tool",
    `Expected Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR} on the PATH, found ${seen.length ? seen.join(", ") : "no Python"}.\nInstall python3 and python3-venv (Debian, Ubuntu) or python@3.13 (Homebrew). The demo and serving need no Python.`,
  )
}

function versionOf(interpreter: string): [number, number] | null {
  try {
    const [major, minor] = execFileSync(
      interpreter,
      ["-c", "import sys; print(*sys.version_info[:2])"],
      // A shim of a version that is not there answers with a complaint.
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    )
      .trim()
      .split(" ")
    return [Number(major), Number(minor)]
  } catch {
    return null // Not there, or it does not start: either way there is no such Python.
  }
}

/** Says what is coming before it comes, and stops where the disk would run full. */
async function requireRoom(): Promise<void> {
  const torch = readFileSync(requirements[0] ?? "", "utf8").match(/^torch==\S+/m)?.[0] ?? "torch"
  if (await isInstalled(torch)) return
  const build = (await bringsGpuLibraries(torch)) ? GPU_BUILD : CPU_BUILD
  process.stderr.write(
    `Python packages (${torch} is most of them): about ${build.fetchedMb} MB to fetch, ${build.onDiskMb} MB on disk, ${build.minutes} minutes.\n`,
  )
  const { bavail, bsize } = statfsSync(projectRoot)
  const freeMb = Math.floor((bavail * bsize) / 1e6)
  if (freeMb < build.onDiskMb)
    throw new AppError(
      "unavailable",
      `The Python packages need ${build.onDiskMb} MB of free disk; ${projectRoot} has ${freeMb} MB. Free some and run the same command again.`,
    )
}

async function isInstalled(requirement: string): Promise<boolean> {
  const [name, version] = requirement.split("==")
  const script = `import importlib.metadata as m, sys; sys.exit(m.version(sys.argv[1]).split("+")[0] != sys.argv[2])`
  return (await run(python, ["-c", script, name ?? "", version ?? ""])).code === 0
}

/** Asks pip which build its index has for us, without fetching it. */
async function bringsGpuLibraries(requirement: string): Promise<boolean> {
  const asked = ["--dry-run", "--quiet", "--no-deps", "--ignore-installed", "--report", "-", requirement]
  const { code, said } = await run(python, ["-m", "pip", "install", "--disable-pip-version-check", ...asked])
  // A pip too old to tell is taken for the larger one: it is better to ask for too much room than to run out.
  return code !== 0 || /"nvidia-|"cuda-/.test(said)
}

function run(
  file: string,
  args: string[],
  onLine: (line: string) => void = () => undefined,
): Promise<{ code: number | null; said: string }> {
  // Settings that would send packages elsewhere than into the virtual environment.
  const { PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, ...env } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: projectRoot,
      env: { ...env, PIP_USER: "0", PYTHONUNBUFFERED: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let said = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString()
        for (const line of chunk.toString().split("\n")) if (line.trim()) onLine(line.trim())
      })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, said }))
  })
}

function tail(said: string): string {
  return said.trim().split("\n").slice(-8).join("\n")
}
