/**
 * Makes a database with its two roles: an owner that migrations use, and a serving role that owns nothing and is a
 * member of throughline_app. Needs a superuser, so it is for servers of our own; on a server of yours the same three
 * statements are in docs/operations.md.
 */
import { spawn } from "node:child_process"
import { createHmac } from "node:crypto"
import { join } from "node:path"
import pg from "pg"
import { AppError } from "../errors.ts"
import { prepareQueueSchema } from "../jobs/queue-schema.server.ts"

export type DatabaseUrls = { ownerUrl: string; servingUrl: string }

const projectRoot = join(import.meta.dirname, "..", "..")

/** Makes what is missing; a database that is there keeps its data. Roles are named after the database. */
export async function prepareDatabase(adminUrl: string, database: string): Promise<DatabaseUrls> {
  const urls = databaseUrls(adminUrl, database)
  await asAdmin(adminUrl, async (admin) => {
    await admin.query(
      "DO $$ BEGIN CREATE ROLE throughline_app NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    )
    for (const url of [urls.ownerUrl, urls.servingUrl]) {
      const role = new URL(url)
      const name = pg.escapeIdentifier(role.username)
      const { rowCount } = await admin.query("SELECT FROM pg_roles WHERE rolname = $1", [role.username])
      if (!rowCount)
        await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(role.password)}`)
    }
    await admin.query(`GRANT throughline_app TO ${pg.escapeIdentifier(new URL(urls.servingUrl).username)}`)
    const { rowCount } = await admin.query("SELECT FROM pg_database WHERE datname = $1", [database])
    const owner = pg.escapeIdentifier(new URL(urls.ownerUrl).username)
    if (!rowCount) await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)} OWNER ${owner}`)
  })
  // On PostgreSQL 15 and later only the database's owner may create in schema public.
  return urls
}

/** Owner and serving connection strings of a database on the server behind `adminUrl`. */
export function databaseUrls(adminUrl: string, database: string): DatabaseUrls {
  const at = (role: string) => {
    const url = new URL(adminUrl)
    // Derived, so that a second run finds the same passwords without keeping them anywhere.
    url.password = createHmac("sha256", url.password || "local")
      .update(role)
      .digest("hex")
      .slice(0, 32)
    url.username = role
    url.pathname = `/${database}`
    return url.href
  }
  return { ownerUrl: at("throughline_owner"), servingUrl: at("throughline_serving") }
}

export async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

/**
 * Applies the migrations that are not there yet, the tables' through Prisma and the queue's.
 * @throws AppError `unavailable` with Prisma's own words.
 */
export async function migrate(ownerUrl: string): Promise<void> {
  await migrateTables(ownerUrl)
  await prepareQueueSchema(ownerUrl)
}

async function migrateTables(ownerUrl: string): Promise<void> {
  const prisma = join(projectRoot, "node_modules", "prisma", "build", "index.js")
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [prisma, "migrate", "deploy"], {
      cwd: projectRoot,
      env: {
        ...process.env,
        DATABASE_OWNER_URL: ownerUrl,
        PRISMA_HIDE_UPDATE_MESSAGE: "1",
        CHECKPOINT_DISABLE: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let said = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (said += chunk.toString()))
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === 0) resolve()
      else
        reject(
          new AppError(
            "unavailable",
            `The migrations did not apply (prisma migrate deploy exited ${code}):\n${said.trim().slice(-2_000)}`,
          ),
        )
    })
  })
}
