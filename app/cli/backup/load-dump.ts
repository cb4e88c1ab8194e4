import { once } from "node:events"
import { finished } from "node:stream/promises"
import type pg from "pg"
import { type CopyStreamQuery, from as copyFrom } from "pg-copy-streams"
import { AppError } from "../../errors.ts"
import { type Block, type DumpHead, quoted, quotedTable, SCHEMA_OF } from "./dump-format.ts"
import { listShops } from "./list-shops.ts"
import { readDump } from "./read-dump.ts"
import { type Table, tablesOf } from "./tables.ts"

export type LoadOptions = { replace: boolean; onRows?: (rows: number) => void }

/**
 * Loads a backup inside the caller's transaction, as the owner. Data takes the place of what is there; keys are added
 * to those that are there. Each block goes through a TEMP table, because COPY into a table with row-level security is
 * refused.
 * @returns how many rows the backup had
 */
export async function loadDump(
  client: pg.PoolClient,
  file: string,
  head: DumpHead,
  options: LoadOptions,
): Promise<number> {
  await refuseNewer(client, head)
  const schema = SCHEMA_OF[head.holds]
  const tables = new Map((await tablesOf(client, schema)).map((table) => [table.name, table]))
  if (head.holds === "data") await makeRoom(client, [...tables.keys()], options.replace)
  const highest = new Map<string, bigint>()
  const staged = new Set<string>()
  let rows = 0
  let open: { table: Table; block: Block; stream: CopyStreamQuery } | undefined
  for await (const part of readDump(file)) {
    if (part.kind === "block") {
      const table = tableOf(tables, part.block)
      open = { table, block: part.block, stream: await beginBlock(client, part.block, staged) }
    } else if (part.kind === "rows" && open) {
      await give(open.stream, part.text)
    } else if (part.kind === "end" && open) {
      open.stream.end()
      await finished(open.stream)
      rows += await endBlock(client, open.table, open.block, head.holds === "keys", highest)
      open = undefined
      options.onRows?.(rows)
    }
  }
  await advanceSequences(client, highest)
  // What follows is planned for what is there now.
  if (head.holds === "data") await client.query("SELECT analyze_imported()")
  return rows
}

/** A backup of a newer version has what this one does not know; one of an older version lacks what has a default. */
async function refuseNewer(client: pg.PoolClient, head: DumpHead): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
  )
  const applied = new Set(rows.map(({ name }) => name))
  const unknown = head.migrations.filter((name) => !applied.has(name))
  if (unknown.length > 0)
    throw new AppError(
      "bad_file",
      `Expected a backup of this version or an older one; this one has the migration ${unknown[0]}. Restore it with the version that made it, or a newer one.`,
    )
}

async function makeRoom(client: pg.PoolClient, tables: readonly string[], replace: boolean): Promise<void> {
  const shops = await listShops(client, "data")
  if (shops.length > 0 && !replace)
    throw new AppError(
      "bad_request",
      `Expected a database without shops, found ${shops.length}. With --replace the backup takes the place of all of it.`,
    )
  await client.query(`TRUNCATE ${tables.map(quotedTable).join(", ")}`)
}

function tableOf(tables: ReadonlyMap<string, Table>, { table, columns, shopId }: Block): Table {
  const known = tables.get(table)
  if (!known || columns.some((name) => !known.columns.includes(name)) || known.ofShops === (shopId === null))
    throw new AppError(
      "bad_file",
      `Expected tables and columns of this version; ${table} is not one of them.`,
    )
  return known
}

/**
 * The TEMP table that stands for a table, emptied for each shop. One for a table and not one for a block: each would
 * hold a lock until the end of the transaction.
 */
const stageOf = (table: string): string => `pg_temp.${quoted(`restored ${table}`)}`

async function beginBlock(
  client: pg.PoolClient,
  { table, columns, shopId }: Block,
  staged: Set<string>,
): Promise<CopyStreamQuery> {
  await client.query("SELECT set_config('app.shop_id', $1, true)", [String(shopId ?? "")])
  const names = columns.map(quoted).join(", ")
  const stage = stageOf(table)
  if (staged.has(table)) await client.query(`TRUNCATE ${stage}`)
  else
    await client.query(
      `CREATE TEMP TABLE ${quoted(`restored ${table}`)} ON COMMIT DROP AS SELECT ${names} FROM ${quotedTable(table)} WITH NO DATA`,
    )
  staged.add(table)
  const stream = client.query(copyFrom(`COPY ${stage} (${names}) FROM STDIN`))
  // Who writes next, or waits for the end, gets the error; without a listener it would end the process.
  stream.on("error", () => undefined)
  return stream
}

/** @throws what the database answered, where it refused. */
async function give(stream: CopyStreamQuery, text: Buffer): Promise<void> {
  if (!stream.write(text) && !stream.errored) await once(stream, "drain")
  if (stream.errored) throw stream.errored
}

async function endBlock(
  client: pg.PoolClient,
  table: Table,
  { columns }: Block,
  keepThere: boolean,
  highest: Map<string, bigint>,
): Promise<number> {
  const names = columns.map(quoted).join(", ")
  const stage = stageOf(table.name)
  if (table.name === "public.events")
    await client.query(`SELECT ensure_event_partitions(min(at), max(at)) FROM ${stage}`)
  const { rows } = await client.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${stage}`)
  await client.query(
    `INSERT INTO ${quotedTable(table.name)} (${names}) SELECT ${names} FROM ${stage} ${keepThere ? "ON CONFLICT DO NOTHING" : ""}`,
  )
  for (const { column, sequence } of table.sequences) {
    const { rows: found } = await client.query<{ highest: string | null }>(
      `SELECT max(${quoted(column)}) AS highest FROM ${stage}`,
    )
    raise(highest, sequence, found[0]?.highest)
  }
  return rows[0]?.rows ?? 0
}

/**
 * A number is never given twice, not even one whose row the backup does not have: the ledger and the keys know it as
 * somebody's, and a replay would erase whoever has it now.
 */
async function advanceSequences(client: pg.PoolClient, highest: Map<string, bigint>): Promise<void> {
  for (const shopId of await listShops(client, "vault")) {
    await client.query("SELECT set_config('app.shop_id', $1, true)", [String(shopId)])
    const { rows } = await client.query<{ shopper: string | null }>(
      `SELECT greatest((SELECT max(shopper_id) FROM vault.shopper_keys WHERE shop_id = $1),
         (SELECT max(shopper_id) FROM vault.redactions WHERE shop_id = $1)) AS shopper`,
      [shopId],
    )
    raise(highest, "public.shoppers_shopper_id_seq", rows[0]?.shopper)
    raise(highest, "public.shops_shop_id_seq", String(shopId))
  }
  for (const [sequence, number] of highest)
    await client.query(
      `SELECT setval($1::regclass, greatest($2::bigint, (SELECT last_value FROM ${quotedTable(sequence)})))`,
      [sequence, String(number)],
    )
}

function raise(
  highest: Map<string, bigint>,
  sequence: string,
  found: string | number | null | undefined,
): void {
  if (found === null || found === undefined) return
  const number = BigInt(found)
  if (number > (highest.get(sequence) ?? 0n)) highest.set(sequence, number)
}
