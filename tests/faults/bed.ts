/**
 * What the faults are injected into: a PostgreSQL of this run's own, real web and worker processes, and a Redis where
 * a fault asks for one. Nothing that was running before is touched, and everything started here is stopped.
 */
import { randomBytes } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Readable } from "node:stream"
import pg from "pg"
import { type StartedProcess, startProcess } from "../../app/cli/child-process.ts"
import { startEmbeddedPostgres } from "../../app/cli/embedded-postgres.ts"
import { migrate, prepareDatabase } from "../../app/cli/prepare-database.ts"
import { reachableFolder } from "../../app/cli/reachable-folder.ts"
import { buildWebIfStale } from "../../app/cli/web-build.ts"
import { startRedis, type TestRedis } from "../support/redis.ts"
import { killTree } from "./process-tree.ts"

export type Running = {
  /** As a supervisor's or the kernel's SIGKILL: no word before the end. */
  kill(): Promise<void>
  stop(): Promise<void>
}
export type Web = Running & { url: string }

export type BedShop = { shopId: number; domain: string }

export type Bed = {
  /** Signs webhooks, proxy requests and session tokens. */
  secret: string
  apiKey: string
  /** The server's superuser, in the app's database: sees every shop. */
  pool: pg.Pool
  /** A database that is there and empty of this fault's shops; the name is made unique. */
  newShop(name: string): Promise<BedShop>
  startWeb(variables?: Record<string, string>): Promise<Web>
  startWorker(variables?: Record<string, string>): Promise<Running>
  startRedis(options?: { keeps?: boolean }): Promise<TestRedis>
  /** What processes complained of since the last call, most frequent first: the kinds of line, not the lines. */
  complaints(): string[]
  killPostgres(): Promise<void>
  restartPostgres(): Promise<void>
  /** Stops what the last fault started and lets its shops rest. */
  clear(): Promise<void>
  close(): Promise<void>
}

const CLUSTER = "faults"
const root = join(import.meta.dirname, "..", "..")

/** Sets the environment of this process too: the checker asks through the app's own code. Call before that is loaded. */
export async function openBed(): Promise<Bed> {
  const home = mkdtempSync(join(tmpdir(), "throughline-faults-"))
  let server = await startEmbeddedPostgres(home, CLUSTER)
  const { port, adminUrl } = server
  const { servingUrl, ownerUrl } = await prepareDatabase(adminUrl, "faults")
  await migrate(ownerUrl)
  const secret = randomBytes(24).toString("hex")
  const apiKey = "faults"
  Object.assign(process.env, {
    NODE_ENV: "test",
    THROUGHLINE_HOME: home,
    DATABASE_URL: servingUrl,
    DATABASE_OWNER_URL: ownerUrl,
    REDIS_URL: "",
    SHOPIFY_API_KEY: apiKey,
    SHOPIFY_API_SECRET: secret,
    SHOPIFY_API_SECRET_OLD: "",
    SHOPIFY_APP_URL: "https://app.test",
    THROUGHLINE_KEYS: `faults:${randomBytes(32).toString("base64")}`,
    HOST: "127.0.0.1",
    PORT: "0",
    METRICS_PORT: "0",
    LOG_LEVEL: "silent",
  })
  const url = new URL(adminUrl)
  url.pathname = new URL(servingUrl).pathname
  const pool = new pg.Pool({ connectionString: url.href, max: 6 })
  pool.on("error", () => undefined)
  pool.on("connect", (client) => client.on("error", () => undefined))

  const complaints = new Map<string, number>()
  const started = new Set<Running>()
  const redises = new Set<TestRedis>()
  const shops: BedShop[] = []
  const run = async <Ready>(name: string, script: string, variables: Record<string, string>) => {
    const process = await startProcess<Ready>(name, join(root, script), { LOG_LEVEL: "warn", ...variables })
    createInterface({ input: process.child.stderr ?? Readable.from([]) }).on("line", (line) => {
      const kind = `${name}: ${complaintOf(line)}`
      complaints.set(kind, (complaints.get(kind) ?? 0) + 1)
    })
    const running = hold(process, () => started.delete(running))
    started.add(running)
    return { ...running, ready: process.ready }
  }
  const clear = async () => {
    await Promise.all([...started].map((running) => running.stop()))
    await Promise.all([...redises].map((redis) => redis.stop()))
    redises.clear()
    // The workers of the next fault have no business with them.
    const ids = shops.splice(0).map(({ shopId }) => shopId)
    await pool.query("UPDATE shops SET uninstalled_at = now() WHERE shop_id = ANY ($1)", [ids])
  }
  return {
    secret,
    apiKey,
    pool,
    newShop: async (name) => {
      const domain = `${name}-${randomBytes(3).toString("hex")}.myshopify.com`
      const { rows } = await pool.query<{ id: number }>("SELECT ensure_shop($1) AS id", [domain])
      const shop = { shopId: Number(rows[0]?.id), domain }
      shops.push(shop)
      return shop
    },
    startWeb: async (variables = {}) => {
      await buildWebIfStale()
      const { ready, ...running } = await run<{ listening: string }>("web", "app/cli/web.ts", variables)
      return { ...running, url: ready.listening }
    },
    startWorker: (variables = {}) => run("worker", "app/cli/worker.ts", variables),
    startRedis: async (options) => {
      const redis = await startRedis(options)
      redises.add(redis)
      return redis
    },
    complaints: () => {
      const sorted = [...complaints].sort(([, a], [, b]) => b - a)
      complaints.clear()
      return sorted.map(([kind, count]) => `${count} × ${kind}`.slice(0, 300))
    },
    killPostgres: () => killTree(postmasterPid(home)),
    restartPostgres: async () => {
      server = await startEmbeddedPostgres(home, CLUSTER, { port })
    },
    clear,
    close: async () => {
      await clear().catch(() => undefined)
      const { closeDatabase } = await import("../../app/db.server.ts")
      await closeDatabase()
      await pool.end()
      await server.stop()
      server.remove()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** What a log line says without what differs from one to the next. */
function complaintOf(line: string): string {
  try {
    const {
      level: _level,
      time: _time,
      ms: _ms,
      shopId: _shopId,
      deliveryId: _deliveryId,
      ...rest
    } = JSON.parse(line)
    return JSON.stringify(rest)
  } catch {
    return line // Not one of ours: a crash, or a library's word.
  }
}

function hold(process: StartedProcess<unknown>, forget: () => void): Running {
  const { child } = process
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  return {
    kill: async () => {
      forget()
      if (isOver()) return
      const ended = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGKILL")
      await ended
    },
    stop: async () => {
      forget()
      if (!isOver()) await process.stop()
    },
  }
}

/** The first line of the file by which PostgreSQL keeps a second server off its data. */
function postmasterPid(home: string): number {
  const file = join(reachableFolder(home), CLUSTER, "data", "postmaster.pid")
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0
  if (!(pid > 1)) throw new Error("Expected this run's PostgreSQL to be running, found none.")
  return pid
}
