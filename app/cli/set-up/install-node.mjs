/**
 * The npm package `node` carries no program: its install script has npm fetch the one for this platform. Scripts may
 * be switched off, so this step runs it in the open, and says what to do where it cannot.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { explain } from "./install-packages.mjs"
import { outerNode } from "./outer-node.mjs"
import { projectRoot } from "./project.mjs"
import { runQuietly } from "./run-quietly.mjs"
import { SetUpError, withProgress } from "./show.mjs"

const packageFolder = join(projectRoot, "node_modules", "node")
const binary = join(packageFolder, "bin", "node")
const onPath = join(projectRoot, "node_modules", ".bin", "node")

/** Path of the Node that the lock file names, or null where it is not there or does not start. */
export function installedNode(lock) {
  return versionOf(binary) === wantedVersion(lock) && versionOf(onPath) === wantedVersion(lock)
    ? binary
    : null
}

export async function installNode(lock) {
  const version = wantedVersion(lock)
  if (versionOf(binary) !== version) {
    await withProgress(
      `Node ${version}`,
      () => null,
      () => fetchBinary(version),
    )
  }
  // What npm would have made, had it run the script itself: `node` in npm's scripts and for the tools is this one.
  if (versionOf(onPath) !== version) {
    rmSync(onPath, { force: true })
    mkdirSync(dirname(onPath), { recursive: true })
    symlinkSync(join("..", "node", "bin", "node"), onPath)
  }
  return binary
}

function wantedVersion(lock) {
  return lock.packages["node_modules/node"].version
}

function versionOf(path) {
  if (!existsSync(path)) return null
  try {
    return execFileSync(path, ["-p", "process.versions.node"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env.PATH },
    }).trim()
  } catch {
    return null // It is there but does not run: cut short, or for another system. It is fetched again.
  }
}

async function fetchBinary(version) {
  const { code, said } = await runQuietly(
    outerNode(),
    [join(packageFolder, "installArchSpecificPackage.js")],
    {
      cwd: packageFolder,
      env: { npm_config_dry_run: "false", npm_config_package_lock: "false", npm_config_loglevel: "error" },
    },
  )
  if (versionOf(binary) === version) return
  throw new SetUpError(
    code === 0
      ? `Node ${version} was fetched but does not start on this machine (${process.platform} ${process.arch}). Throughline needs glibc 2.28 or newer, or macOS: Alpine and other musl systems do not work.`
      : explain(said),
  )
}
