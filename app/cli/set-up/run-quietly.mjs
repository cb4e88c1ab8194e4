import { spawn } from "node:child_process"

/** Runs a program without showing it, and gives its exit code and all that it said. */
export function runQuietly(file, args, { cwd, env }) {
  return new Promise((settle, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let said = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        said += chunk
      })
    child.on("error", reject)
    child.on("close", (code) => settle({ code, said }))
  })
}
