import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { constants } from "node:os"
import { delimiter, join, resolve } from "node:path"
import { projectRoot } from "./project.mjs"
import { SetUpError } from "./show.mjs"

/** Runs a program of the project under `node`, hands on signals, and gives its exit code. */
export async function runEntry(node, entry, args) {
  if (!existsSync(join(projectRoot, entry)))
    throw new SetUpError(`${entry} is missing from this copy of the project. Clone it again.`)
  const bin = join(projectRoot, "node_modules", ".bin")
  const child = spawn(node, [join(projectRoot, entry), ...args], {
    // Files on the command line are meant relative to where the person is; npm tells that as INIT_CWD.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    env: {
      ...process.env,
      PATH: [bin, process.env.PATH ?? ""].join(delimiter),
      THROUGHLINE_HOME: resolve(projectRoot, process.env.THROUGHLINE_HOME || ".throughline"),
    },
    stdio: "inherit",
  })
  // A terminal sends Ctrl-C to the child itself; sent on as well, it would count as a second one.
  const forward = (signal) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward)
  return new Promise((settle, reject) => {
    child.on("error", reject)
    child.on("exit", (code, signal) => settle(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}
