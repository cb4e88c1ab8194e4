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
  const pool = new pg.Pool({ connectionString, max: 1 })
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
 * The adapter cuts a script at every semicolon, which tears function bodies apart; PostgreSQL itself takes a
 * script whole and runs it as one transaction.
 */
function migrationAdapter(connectionString: string | undefined) {
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

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  experimental: { adapter: true },
  engine: "js",
  adapter: async () => migrationAdapter(process.env.DATABASE_OWNER_URL),
})
