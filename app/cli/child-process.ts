/** Starts a process of ours that prints one JSON line when it is ready. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { AppError } from "../errors.ts"

export type StartedProcess<Ready> = {
  /** What its first line said. */
  ready: Ready
  child: ChildProcess
  /** Asks it to end with SIGTERM and waits; kills it when it does not listen. */
  stop(): Promise<void>
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 25_000

/** @throws AppError `unavailable` with its last words when it ends or stays silent instead. */
export async function startProcess<Ready>(
  name: string,
  script: string,
  environment: Record<string, string | undefined> = {},
): Promise<StartedProcess<Ready>> {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...environment },
    // The channel carries nothing: it closes when this process dies, however it dies, and the child ends with it.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A terminal sends Ctrl-C to its whole group: with `stop`, the child would count two signals and end unwell.
    detached: true,
  })
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new AppError("internal", `The ${name} process has no output to read.`)
  let lastWords = ""
  stderr.on("data", (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString()).slice(-4_000)
  })
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve))
  const firstLine = new Promise<string>((resolve) => createInterface({ input: stdout }).once("line", resolve))
  const waited = new Promise<undefined>((resolve) => setTimeout(resolve, READY_WITHIN_MS, undefined).unref())
  const line = await Promise.race([firstLine, ended.then(() => undefined), waited])
  if (line === undefined) {
    child.kill("SIGKILL")
    throw new AppError(
      "unavailable",
      `The ${name} process did not become ready. Its last words:\n${lastWords.trim() || "(none)"}`,
    )
  }
  return {
    ready: JSON.parse(line) as Ready,
    child,
    stop: async () => {
      child.kill("SIGTERM")
      const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS)
      await ended
      clearTimeout(impatience)
    },
  }
}
