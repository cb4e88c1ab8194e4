import { join } from "node:path"
import { PrismaPg } from "@prisma/adapter-pg"
import pg from "pg"
import { defineConfig } from "prisma/config"

/**
 * Prisma's schema engine runs as WebAssembly over the JS driver, so nothing is downloaded. It reads catalogue
 * columns of types "char" and name, which the adapter does not know: they are relabelled as text on the way.
 */
const TEXT_BY_CATALOGUE_OID = new Map([
  [18, 25], // "char" → text
  [19, 25], // name → text
  [1002, 1009], // "char"[] → text[]
  [1003, 1009], // name[] → text[]
])

function catalogueFriendlyPool(connectionString: string | undefined): pg.Pool {
  // Prisma never ends the pool: an idle connection must not hold the process open for its ten seconds.
  const pool = new pg.Pool({ connectionString, max: 1, allowExitOnIdle: true })
  const query = pool.query
  return Object.assign(pool, {
    query: async (...args: unknown[]) => {
      const answer: pg.QueryResult = await Reflect.apply(query, pool, args)
      for (const field of answer.fields ?? [])
        field.dataTypeID = TEXT_BY_CATALOGUE_OID.get(field.dataTypeID) ?? field.dataTypeID
      return answer
    },
  })
}

/**
 * The schema engine leaves the timeout of its advisory lock running, which would hold every command open for ten
 * seconds after its work is done. Such a timer still fires while a connection waits for the lock.
 */
function letGoOfLockTimer(): void {
  const plain = globalThis.setTimeout
  const letGo = (...args: Parameters<typeof setTimeout>) => {
    const timer = plain(...args)
    if (args[1] === LOCK_TIMEOUT_MS) timer.unref()
    return timer
  }
  globalThis.setTimeout = Object.assign(letGo, plain)
}

const LOCK_TIMEOUT_MS = 10_000 // fixed in Prisma's engine

/**
 * The adapter cuts a script at every semicolon, which tears function bodies apart; PostgreSQL itself takes a
 * script whole and runs it as one transaction.
 */
function migrationAdapter(connectionString: string | undefined) {
  letGoOfLockTimer()
  const pool = catalogueFriendlyPool(connectionString)
  const factory = new PrismaPg(pool)
  const connect = factory.connect.bind(factory)
  return Object.assign(factory, {
    connect: async () => {
      const adapter = await connect()
      return Object.assign(adapter, {
        executeScript: async (script: string) => void (await pool.query(script)),
      })
    },
  })
}

// The CLI looks for the native engine before it notices that this schema has none, and fetches it where it is missing.
// A file that it is told of is taken as found, and never loaded.
process.env.PRISMA_QUERY_ENGINE_LIBRARY ??= join(import.meta.dirname, "package.json")

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  experimental: { adapter: true },
  engine: "js",
  adapter: async () => migrationAdapter(process.env.DATABASE_OWNER_URL),
})
