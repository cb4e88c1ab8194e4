import { PrismaPg } from "@prisma/adapter-pg"
import { type Prisma, PrismaClient } from "@prisma/client"
import pg from "pg"
import { env } from "./env.server.ts"
import { log } from "./log.server.ts"

/** What a function inside a shop's transaction may use. */
export type ShopTransaction = Prisma.TransactionClient

let held: { pool: pg.Pool; prisma: PrismaClient } | undefined

function connections() {
  if (held) return held
  const pool = new pg.Pool({ connectionString: env().DATABASE_URL, max: env().DATABASE_POOL })
  // An idle connection that the server drops is replaced at the next use; without a listener it would end the process.
  pool.on("error", noteLostConnection)
  // One that is in use reports to whoever waits on it; between two queries nobody does.
  pool.on("connect", (client) => client.on("error", noteLostConnection))
  held = { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool) }) }
  return held
}

function noteLostConnection(error: Error): void {
  log.warn({ code: (error as { code?: string }).code }, "database connection lost")
}

/** The serving role's pool. Outside `withShop` row-level security shows it no row of any shop. */
export function databasePool(): pg.Pool {
  return connections().pool
}

/** Prisma without a shop: for Shopify's session table and the functions that look across shops. */
export function prismaWithoutShop(): PrismaClient {
  return connections().prisma
}

/**
 * Runs `work` in one transaction that sees this shop alone. `shopId` must come from authentication.
 * Keep it short: no network inside.
 */
export async function withShop<T>(shopId: number, work: (tx: ShopTransaction) => Promise<T>): Promise<T> {
  return connections().prisma.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT set_config('app.shop_id', ${String(shopId)}, true)`
      return work(tx)
    },
    { maxWait: 5_000, timeout: 30_000 },
  )
}

/** As `withShop`, with a plain connection: for COPY, streams and hot paths. */
export async function withShopSql<T>(
  shopId: number,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connections().pool.connect()
  try {
    // One round trip; the number is checked, so it cannot carry SQL.
    await client.query(`BEGIN; SELECT set_config('app.shop_id', '${shopSetting(shopId)}', true)`)
    const result = await work(client)
    await client.query("COMMIT")
    client.release()
    return result
  } catch (error) {
    // A connection that cannot roll back is broken: it must not go back to the pool.
    await client.query("ROLLBACK").then(
      () => client.release(),
      (broken: Error) => client.release(broken),
    )
    throw error
  }
}

function shopSetting(shopId: number): string {
  if (!Number.isSafeInteger(shopId)) throw new TypeError(`shopId must be an integer, got ${typeof shopId}`)
  return String(shopId)
}

/** Ids of the shops that have the app, for work that loops over shops. */
export async function listShopIds(): Promise<number[]> {
  const { rows } = await databasePool().query<{ id: number }>("SELECT list_shop_ids() AS id")
  return rows.map((row) => row.id)
}

/** The shop's id, made if the domain is new. Only an authenticated install (or a local command) may call it. */
export async function ensureShop(domain: string): Promise<number> {
  const { rows } = await databasePool().query<{ id: number }>("SELECT ensure_shop($1) AS id", [domain])
  return Number(rows[0]?.id)
}

export async function shopIdOf(domain: string): Promise<number | null> {
  const { rows } = await databasePool().query<{ id: number | null }>("SELECT shop_id_of($1) AS id", [domain])
  return rows[0]?.id ?? null
}

/** A shop by its domain, also one that the app has left; null for one that never had it. */
export async function findShop(domain: string): Promise<{ shopId: number; installed: boolean } | null> {
  const { rows } = await databasePool().query<{ shop_id: number | null; installed: boolean }>(
    "SELECT shop_id, installed FROM find_shop($1)",
    [domain],
  )
  const [row] = rows
  return row?.shop_id == null ? null : { shopId: row.shop_id, installed: row.installed }
}

/** Ids of the shops that the app has left and that are not erased yet. */
export async function listLeftShopIds(): Promise<number[]> {
  const { rows } = await databasePool().query<{ id: number }>("SELECT list_left_shop_ids() AS id")
  return rows.map((row) => row.id)
}

export async function closeDatabase(): Promise<void> {
  const closing = held
  held = undefined
  await closing?.prisma.$disconnect()
  await closing?.pool.end()
}
