/**
 * The embedded default: what is not set in the environment is filled in with a PostgreSQL of our own, keys made once
 * and kept in the state folder, and the credentials of no real app. With DATABASE_URL set, that server is used as it
 * is and nothing is started.
 */
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { closeDatabase } from "../db.server.ts"
import { startEmbeddedPostgres } from "./embedded-postgres.ts"
import { migrate, prepareDatabase } from "./prepare-database.ts"
import { stateFolder } from "./state-folder.ts"

export type LocalEnvironment = {
  /** Folder of state: `THROUGHLINE_HOME`. */
  home: string
  /** Closes connections and stops the embedded PostgreSQL if no other process of ours uses it. */
  close(): Promise<void>
}

const DATABASE = "throughline"

export async function openLocalEnvironment(): Promise<LocalEnvironment> {
  const home = stateFolder()
  for (const [name, value] of Object.entries(localSecrets(home))) process.env[name] ||= value
  process.env.LOG_LEVEL ||= "warn"
  if (process.env.DATABASE_URL) {
    if (process.env.DATABASE_OWNER_URL) await migrate(process.env.DATABASE_OWNER_URL)
    return { home, close: closeDatabase }
  }
  const server = await startEmbeddedPostgres(home)
  const { ownerUrl, servingUrl } = await prepareDatabase(server.adminUrl, DATABASE)
  await migrate(ownerUrl)
  process.env.DATABASE_URL = servingUrl
  process.env.DATABASE_OWNER_URL = ownerUrl
  return {
    home,
    close: async () => {
      await closeDatabase()
      await server.stop()
    },
  }
}

/** Made once, readable by this user alone: without them what the local database sealed stays sealed. */
function localSecrets(home: string): Record<string, string> {
  const file = join(home, "secrets.json")
  if (!existsSync(file)) {
    const secrets = {
      SHOPIFY_API_KEY: "local-demo",
      SHOPIFY_API_SECRET: randomBytes(24).toString("hex"),
      SHOPIFY_APP_URL: "http://127.0.0.1",
      THROUGHLINE_KEYS: `local:${randomBytes(32).toString("base64")}`,
    }
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
  }
  return JSON.parse(readFileSync(file, "utf8"))
}
