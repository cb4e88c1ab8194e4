import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"

export type Child = { process: ChildProcess; firstLine: string; stop: () => Promise<void> }

/** Starts a program of ours and waits for the first line that it prints. It ends when this process does. */
export async function startChild(
  program: string,
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<Child> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  })
  let said = ""
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  const firstLine = await new Promise<string>((resolve, reject) => {
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve)
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${said}`)))
    child.once("error", reject)
  })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  return {
    process: child,
    firstLine,
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    },
  }
}
