import { createHash } from "node:crypto"
import { once } from "node:events"
import { createWriteStream, renameSync, rmSync } from "node:fs"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"
import pg from "pg"
import { to as copyTo } from "pg-copy-streams"
import {
  type Block,
  blockLines,
  type DumpHolds,
  END_OF_ROWS,
  footLine,
  headLine,
  SCHEMA_OF,
} from "./dump-format.ts"
import { listShops } from "./list-shops.ts"
import { tablesOf } from "./tables.ts"

const NEWLINE = 10

export type Dumped = { rows: Record<string, number>; shops: number; sha256: string }

/**
 * Writes a backup as of one moment: one transaction that sees one state, shop after shop, so the serving role is
 * enough and row-level security holds. The file is there whole or not at all, and for its owner alone.
 */
export async function writeDump(
  databaseUrl: string,
  file: string,
  holds: DumpHolds,
  onProgress: (done: number, total: number, rows: number) => void = () => undefined,
): Promise<Dumped> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const partial = `${file}.partial`
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    const gzip = createGzip()
    const written = pipeline(gzip, createWriteStream(partial, { mode: 0o600, flush: true }))
    const dumped = await Promise.race([writeAll(client, gzip, holds, onProgress), failureOf(written)])
    gzip.end()
    await written
    renameSync(partial, file)
    return dumped
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  } finally {
    await client.end()
  }
}

/** A disk that is full must end the work, which else would wait for it. */
async function failureOf(written: Promise<void>): Promise<never> {
  await written
  throw new TypeError("The file ended before its content.")
}

async function writeAll(
  client: pg.Client,
  out: NodeJS.WritableStream,
  holds: DumpHolds,
  onProgress: (done: number, total: number, rows: number) => void,
): Promise<Dumped> {
  const hash = createHash("sha256")
  const write = async (text: string | Buffer) => {
    hash.update(text)
    if (!out.write(text)) await once(out, "drain")
  }
  const { rows: migrations } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  )
  const head = { format: 1 as const, holds, madeAt: new Date().toISOString() }
  await write(headLine({ ...head, migrations: migrations.map(({ name }) => name) }))
  const tables = await tablesOf(client, SCHEMA_OF[holds])
  const shopIds = await listShops(client, holds === "keys" ? "vault" : "data")
  const counts: Record<string, number> = Object.fromEntries(tables.map(({ name }) => [name, 0]))
  let rows = 0
  const copy = async (block: Block) => {
    const taken = await copyRows(client, block, write)
    counts[block.table] = (counts[block.table] ?? 0) + taken
    rows += taken
  }
  for (const { name, columns, ofShops } of tables)
    if (!ofShops) await copy({ table: name, columns, shopId: null })
  for (const [index, shopId] of shopIds.entries()) {
    await client.query("SELECT set_config('app.shop_id', $1, true)", [String(shopId)])
    for (const { name, columns, ofShops } of tables) if (ofShops) await copy({ table: name, columns, shopId })
    onProgress(index + 1, shopIds.length, rows)
  }
  const sha256 = hash.digest("hex")
  if (!out.write(footLine({ rows: counts, sha256 }))) await once(out, "drain")
  return { rows: counts, shops: shopIds.length, sha256 }
}

/** @returns how many rows there were */
async function copyRows(
  client: pg.Client,
  block: Block,
  write: (text: string | Buffer) => Promise<void>,
): Promise<number> {
  const columns = block.columns.map((name) => `"${name}"`).join(", ")
  const where = block.shopId === null ? "" : `WHERE shop_id = ${block.shopId}`
  const stream = client.query(copyTo(`COPY (SELECT ${columns} FROM ${block.table} ${where}) TO STDOUT`))
  let rows = 0
  let begun = false
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (!begun) await write(blockLines(block))
    begun = true
    rows += countRows(chunk)
    await write(chunk)
  }
  if (begun) await write(END_OF_ROWS)
  return rows
}

/** COPY writes a newline of the data as two characters: each newline ends a row. */
function countRows(chunk: Buffer): number {
  let rows = 0
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1
  return rows
}
