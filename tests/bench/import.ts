/**
 * How fast and how lean the import of events is.
 *
 * `import_vs_copy`: rows a second of `importEvents` on a JSONL file (reading, checking, names, keys, merging, ANALYZE:
 * all of it), divided by rows a second of a bare COPY of the same rows, in the file's order, as COPY text made
 * beforehand, into a plain logged table with the columns and the primary key of `events` and nothing else: no
 * partitions, no row-level security, no names to resolve. Rounds of both in turn, on one server of our own, in one
 * process; the median of the rounds' ratios. What each round prints besides is the same COPY with its rows sorted by
 * that key beforehand, the best case of any load.
 *
 * `import_rss_mb`: the largest resident memory of a process that imports five million such events.
 *
 *   node tests/bench/import.ts [--rows N] [--rss-rows N] [--rounds N]
 */
import { spawn } from "node:child_process"
import { createReadStream, createWriteStream, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { parseArgs } from "node:util"
import pg from "pg"
import { from as copyFrom, to as copyTo } from "pg-copy-streams"
import { importEvents } from "../../app/capture/import-events.server.ts"
import { startEmbeddedPostgres } from "../../app/cli/embedded-postgres.ts"
import { migrate, prepareDatabase } from "../../app/cli/prepare-database.ts"
import { closeDatabase, ensureShop } from "../../app/db.server.ts"

export type Measure = { name: string; value: number; unit: string; target: string; ok: boolean }

export type ImportBenchOptions = { rows?: number; rssRows?: number; rounds?: number }

const home = process.env.THROUGHLINE_HOME ?? join(import.meta.dirname, "..", "..", ".throughline")
const TARGET_RATIO = 0.2
const TARGET_RSS_MB = 300

export async function measureImport(options: ImportBenchOptions = {}): Promise<Measure[]> {
  const { rows = 500_000, rssRows = 5_000_000, rounds = 5 } = options
  const server = await startEmbeddedPostgres(home, `bench-import-${process.pid}`)
  const folder = join(home, `bench-import-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const { ownerUrl, servingUrl } = await prepareDatabase(server.adminUrl, "bench")
    await migrate(ownerUrl)
    const child = (work: "ratio" | "rss", count: number) =>
      runChild(["--child", work, "--folder", folder, "--rows", String(count), "--rounds", String(rounds)], {
        DATABASE_URL: servingUrl,
        DATABASE_OWNER_URL: ownerUrl,
      })
    const ratio = await child("ratio", rows)
    const rss = await child("rss", rssRows)
    return [
      {
        name: "import_vs_copy",
        value: Number(ratio.toFixed(3)),
        unit: "ratio",
        target: `>= ${TARGET_RATIO}`,
        ok: ratio >= TARGET_RATIO,
      },
      {
        name: "import_rss_mb",
        value: Math.round(rss),
        unit: "MB",
        target: `<= ${TARGET_RSS_MB}`,
        ok: rss <= TARGET_RSS_MB,
      },
    ]
  } finally {
    await server.stop()
    server.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs this file as a child, whose last line of output is its figure. */
function runChild(args: string[], database: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [import.meta.filename, ...args], {
      env: {
        ...process.env,
        ...database,
        NODE_ENV: "production",
        LOG_LEVEL: "warn",
        SHOPIFY_API_KEY: "bench",
        SHOPIFY_API_SECRET: "bench-secret",
        SHOPIFY_APP_URL: "https://bench.test",
        THROUGHLINE_KEYS: `bench:${Buffer.alloc(32, 9).toString("base64")}`,
      },
      stdio: ["ignore", "pipe", "inherit"],
    })
    let said = ""
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString()
    })
    child.on("error", reject)
    child.on("close", (code) => {
      const figure = Number(said.trim().split("\n").at(-1))
      if (code === 0 && Number.isFinite(figure)) resolve(figure)
      else reject(new Error(`The import bench's child exited ${code}: ${said.slice(-1_000)}`))
    })
  })
}

const BROWSE = ["page_view", "collection_view", "product_view", "product_view", "product_view"] as const
const LATER = ["search", "cart_add", "cart_view", "checkout_start", "checkout_contact", "purchase"] as const

/** Half a year of a shop's events, in the order of their times: some 30 events a shopper, one in fourteen a search. */
async function writeEvents(path: string, rows: number): Promise<void> {
  const random = mulberry32(20_261_124)
  const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0]
  const startMs = Date.UTC(2025, 0, 1)
  const stepMs = (180 * 86_400_000) / rows
  const shoppers = Math.max(10, Math.floor(rows / 30))
  function* lines() {
    let text = ""
    for (let row = 0; row < rows; row++) {
      const type = random() < 0.6 ? pick(BROWSE) : pick(LATER)
      const shopper = Math.floor(random() * shoppers)
      const item = Math.floor(random() * random() * 5_000)
      const withItem = type === "product_view" || type === "cart_add" || type === "purchase"
      text += `${JSON.stringify({
        shopper: `shopper${shopper}@example.com`,
        type,
        at: new Date(startMs + row * stepMs).toISOString(),
        ...(withItem ? { item: `item-${item}`, price: 5 + item / 100, currency: "EUR" } : {}),
        ...(type === "purchase" ? { quantity: 1, order: `order-${row}` } : {}),
        ...(type === "search" ? { query: `linen shirt ${item}` } : {}),
        session: `session-${shopper}-${Math.floor((row * 40) / rows)}`,
        ...(random() < 0.3 ? { source: "email" } : {}),
        id: `event-${row}`,
      })}\n`
      if (text.length > 1 << 20) {
        yield text
        text = ""
      }
    }
    yield text
  }
  await pipeline(lines(), createWriteStream(path))
}

/** A small seeded generator (Tommy Ettinger, mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const NOW_MS = Date.UTC(2026, 0, 1)
const EMPTY =
  "TRUNCATE events, shoppers, shopper_identities, products, dirty_shoppers, import_runs, vault.shopper_keys"

async function ratioChild(folder: string, rows: number, rounds: number): Promise<number> {
  const file = join(folder, "events.jsonl")
  const inFileOrder = join(folder, "events.copy")
  const inKeyOrder = join(folder, "sorted-events.copy")
  await writeEvents(file, rows)
  const owner = new pg.Client({ connectionString: process.env.DATABASE_OWNER_URL })
  await owner.connect()
  await owner.query(
    "CREATE TABLE bare (LIKE events INCLUDING DEFAULTS, PRIMARY KEY (shop_id, shopper_id, at, event_key))",
  )
  const shopId = await ensureShop("bench.example")
  const importOnce = async () => {
    await owner.query(EMPTY)
    return seconds(async () => {
      const result = await importEvents(shopId, file, { nowMs: NOW_MS })
      if (result.rowsAdded !== rows) throw new Error(`Expected ${rows} events, got ${result.rowsAdded}.`)
    })
  }
  const copyOnce = async (copyFile: string) => {
    await owner.query("TRUNCATE bare")
    const took = await seconds(async () => {
      await pipeline(createReadStream(copyFile), owner.query(copyFrom("COPY bare FROM STDIN")))
    })
    const { rows: counted } = await owner.query<{ count: number }>("SELECT count(*)::int AS count FROM bare")
    if (counted[0]?.count !== rows) throw new Error(`Expected ${rows} rows, got ${counted[0]?.count}.`)
    return took
  }
  // The first round warms both up and makes the COPY text.
  await importOnce()
  await owner.query(`BEGIN; SET LOCAL app.shop_id = '${shopId}'`)
  for (const [path, order] of [
    [inFileOrder, "at"],
    [inKeyOrder, "shop_id, shopper_id, at, event_key"],
  ] as const)
    await pipeline(
      owner.query(copyTo(`COPY (SELECT * FROM events ORDER BY ${order}) TO STDOUT`)),
      createWriteStream(path),
    )
  await owner.query("COMMIT")
  await copyOnce(inFileOrder)
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 0 ? await copyOnce(inFileOrder) : await importOnce()
    const second = round % 2 === 0 ? await importOnce() : await copyOnce(inFileOrder)
    const [copy, whole] = round % 2 === 0 ? [first, second] : [second, first]
    const sorted = await copyOnce(inKeyOrder)
    ratios.push(copy / whole)
    const perSecond = (took: number) => `${Math.round(rows / took).toLocaleString("en")} rows/s`
    process.stderr.write(
      `import ${perSecond(whole)}, bare COPY ${perSecond(copy)}, ratio ${(copy / whole).toFixed(3)} (bare COPY of sorted rows ${perSecond(sorted)}, ratio ${(sorted / whole).toFixed(3)})\n`,
    )
  }
  await owner.end()
  return ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0
}

async function rssChild(folder: string, rows: number): Promise<number> {
  const file = join(folder, "many-events.jsonl")
  // In a process of its own: making the file must not count as memory of the import.
  await runChild(["--child", "write", "--folder", folder, "--rows", String(rows)], {})
  const shopId = await ensureShop("bench-memory.example")
  await importEvents(shopId, file, { nowMs: NOW_MS })
  rmSync(file)
  return process.resourceUsage().maxRSS / 1024
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return (performance.now() - startedMs) / 1000
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      child: { type: "string" },
      folder: { type: "string", default: "" },
      rows: { type: "string", default: "500000" },
      "rss-rows": { type: "string", default: "5000000" },
      rounds: { type: "string", default: "5" },
    },
  })
  const [rows, rounds] = [Number(values.rows), Number(values.rounds)]
  switch (values.child) {
    case "ratio":
      console.info(await ratioChild(values.folder, rows, rounds))
      break
    case "rss":
      console.info(await rssChild(values.folder, rows))
      break
    case "write":
      await writeEvents(join(values.folder, "many-events.jsonl"), rows)
      console.info(rows)
      break
    default:
      console.info(
        JSON.stringify(await measureImport({ rows, rounds, rssRows: Number(values["rss-rows"]) }), null, 2),
      )
  }
  await closeDatabase()
}

if (import.meta.main) await main()
