import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { AppError } from "../errors.ts"

const root = join(import.meta.dirname, "..", "..")
const result = join(root, "build", "server", "index.js")
/** Outside of what the bundler empties. */
const lock = join(root, ".throughline", "building.lock")

/** No build takes this long on two cores: a lock older than that was left by a killed one. */
const LEFT_MS = 120_000

/**
 * Builds the pages when a source is newer than the last build. Processes that ask at the same time build once.
 * Returns whether this call built.
 * @throws AppError `internal` with the bundler's own words
 */
export async function buildWebIfStale(): Promise<boolean> {
  if (!isStale()) return false
  await takeLock()
  try {
    if (!isStale()) return false
    await build()
    return true
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

async function build(): Promise<void> {
  const remix = join(
    dirname(createRequire(import.meta.url).resolve("@remix-run/dev/package.json")),
    "dist",
    "cli.js",
  )
  try {
    await promisify(execFile)(process.execPath, [remix, "vite:build"], {
      cwd: root,
      env: { ...process.env, NODE_ENV: "production" },
      maxBuffer: 16 * 1024 * 1024,
    })
  } catch (cause) {
    // A half-written bundle must not pass for a fresh one.
    rmSync(result, { force: true })
    const words = (cause as { stderr?: string }).stderr ?? ""
    throw new AppError("internal", `The pages could not be built (npm run build):\n${words}`, { cause })
  }
}

async function takeLock(): Promise<void> {
  mkdirSync(dirname(lock), { recursive: true })
  for (;;) {
    try {
      mkdirSync(lock)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > LEFT_MS) rmSync(lock, { recursive: true, force: true })
    else await new Promise((wake) => setTimeout(wake, 100))
  }
}

function isStale(): boolean {
  const built = statSync(result, { throwIfNoEntry: false })?.mtimeMs
  return built === undefined || newestSource() > built
}

function newestSource(): number {
  const files = ["app", "public"].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
          .map((entry) => join(entry.parentPath, entry.name))
      : [],
  )
  const times = [...files, join(root, "vite.config.ts")].map(
    // A file that is gone by now (an editor's) is no source.
    (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  return Math.max(...times)
}
