import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import fc from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { asAdmin } from "../cli/prepare-database.ts"
import { databasePool, ensureShop, withShopSql } from "../db.server.ts"
import { open, shopKeys, unwrapShopperKey } from "../shop/keys.server.ts"
import { importEvents } from "./import-events.server.ts"
import type { ImportOptions } from "./import-file.server.ts"
import { importItems } from "./import-items.server.ts"
import { findShopper, namePlace, queryPlace } from "./shopper-names.server.ts"

testDatabase()

const NOW_MS = Date.UTC(2026, 5, 1)
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-import-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function file(extension: string, content: string | Uint8Array): string {
  const path = join(folder, `file-${++files}.${extension}`)
  writeFileSync(path, content)
  return path
}

type Given = Record<string, unknown>
const jsonl = (rows: Given[]) => file("jsonl", rows.map((row) => `${JSON.stringify(row)}\n`).join(""))

let shops = 0
const newShop = () => ensureShop(`import-${++shops}.myshopify.com`)
const load = (shopId: number, path: string, options: Partial<ImportOptions> = {}) =>
  importEvents(shopId, path, { nowMs: NOW_MS, ...options })

function event(overrides: Given = {}): Given {
  return { shopper: "ann", type: "product_view", at: "2026-05-01T10:00:00Z", item: "mug", ...overrides }
}

const query = (shopId: number, sql: string) =>
  withShopSql(shopId, async (client) => (await client.query(sql)).rows)

/** All that an import leaves of a shop's events, without numbers that are handed out by chance. */
const state = (shopId: number) =>
  query(
    shopId,
    `SELECT e.at, e.event_key, e.type, p.external_id AS item, e.price_cents, e.currency, e.quantity, e.source_session,
       e.order_ref, e.source, e.query_sealed IS NOT NULL AS searched, encode(i.blind, 'hex') AS shopper, s.known,
       s.first_seen_at, s.last_seen_at, d.since
     FROM events e JOIN shoppers s USING (shop_id, shopper_id) JOIN shopper_identities i USING (shop_id, shopper_id)
     LEFT JOIN products p USING (shop_id, product_id) LEFT JOIN dirty_shoppers d USING (shop_id, shopper_id)
     ORDER BY e.event_key`,
  )

const count = async (shopId: number) => Number((await query(shopId, "SELECT count(*) FROM events"))[0].count)

const asides = (path: string) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line): { line: number; reason: string; row: string } => JSON.parse(line))

test("an event keeps its item, price, session, order and source, and its shopper is marked for a recount", async () => {
  const shopId = await newShop()
  const rows = [
    event({ price: 19.99, currency: "eur", session: "s1", source: "email" }),
    event({ type: "purchase", at: "2026-05-01T10:05:00Z", price: "20", quantity: 2, order: "o1" }),
    event({ shopper: "bob", type: "page_view", at: 1_777_000_000_000, item: null }),
  ]
  const result = await load(shopId, jsonl(rows))
  expect(result).toMatchObject({ rowsRead: 3, rowsAdded: 3, rowsKnown: 0, aside: {}, asideFile: null })
  expect(
    await query(
      shopId,
      `SELECT e.type, e.at, p.external_id, p.title, e.price_cents, e.currency, quantity, source_session IS NOT NULL AS session,
       order_ref, source FROM events e LEFT JOIN products p USING (shop_id, product_id) ORDER BY e.at`,
    ),
  ).toEqual([
    {
      type: 3,
      at: new Date(1_777_000_000_000),
      external_id: null,
      title: null,
      price_cents: null,
      currency: null,
      quantity: null,
      session: false,
      order_ref: null,
      source: null,
    },
    {
      type: 6,
      at: new Date("2026-05-01T10:00:00Z"),
      external_id: "mug",
      title: "mug",
      price_cents: 1999,
      currency: "EUR",
      quantity: null,
      session: true,
      order_ref: null,
      source: "email",
    },
    {
      type: 17,
      at: new Date("2026-05-01T10:05:00Z"),
      external_id: "mug",
      title: "mug",
      price_cents: 2000,
      currency: null,
      quantity: 2,
      session: false,
      order_ref: "o1",
      source: null,
    },
  ])
  expect(
    await query(
      shopId,
      "SELECT known, first_seen_at, last_seen_at, since FROM shoppers JOIN dirty_shoppers USING (shop_id, shopper_id) ORDER BY since",
    ),
  ).toEqual([
    {
      known: false,
      first_seen_at: new Date(1_777_000_000_000),
      last_seen_at: new Date(1_777_000_000_000),
      since: new Date(1_777_000_000_000),
    },
    {
      known: true,
      first_seen_at: new Date("2026-05-01T10:00:00Z"),
      last_seen_at: new Date("2026-05-01T10:05:00Z"),
      since: new Date("2026-05-01T10:00:00Z"),
    },
  ])
})

const givenEvents = fc.array(
  fc.record(
    {
      shopper: fc.constantFrom("ann", "bob", "eve@example.com"),
      type: fc.constantFrom("page_view", "product_view", "search", "purchase", "login"),
      at: fc
        .integer({ min: Date.UTC(2026, 2, 30), max: Date.UTC(2026, 3, 2) })
        .map((ms) => Math.floor(ms / 3.6e6) * 3.6e6),
      item: fc.constantFrom("mug", "plate"),
      price: fc.constantFrom(1, 2.5),
      session: fc.constantFrom("s1", "s2"),
      query: fc.constantFrom("red mug", "ü"),
      source: fc.constantFrom("email", "ad"),
      id: fc.constantFrom("1", "2", "3", "4", "5"),
    },
    { requiredKeys: ["shopper", "type", "at"] },
  ),
  { minLength: 1, maxLength: 25 },
)

test("importing a file twice is importing it once, repeats and all", async () => {
  await fc.assert(
    fc.asyncProperty(givenEvents, async (rows) => {
      const shopId = await newShop()
      const path = jsonl(rows)
      const first = await load(shopId, path)
      const before = await state(shopId)
      const second = await load(shopId, path)
      expect(second).toMatchObject({ rowsAdded: 0, rowsKnown: rows.length })
      expect(await state(shopId)).toEqual(before)
      // A row with an id counts once for that id; one without counts each time.
      const ids = new Set(rows.flatMap(({ id }) => id ?? []))
      expect(first.rowsAdded).toBe(rows.filter(({ id }) => id === undefined).length + ids.size)
    }),
    { numRuns: 12 },
  )
})

test("the order of a file's rows does not matter", async () => {
  const shuffled = givenEvents.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  )
  await fc.assert(
    fc.asyncProperty(shuffled, async ([rows, other]) => {
      const shopId = await newShop()
      await load(shopId, jsonl(rows))
      const before = await state(shopId)
      await query(shopId, "DELETE FROM events")
      await query(shopId, "DELETE FROM dirty_shoppers")
      await query(shopId, "UPDATE shoppers SET known = false, first_seen_at = NULL, last_seen_at = NULL")
      await load(shopId, jsonl(other))
      expect(await state(shopId)).toEqual(before)
    }),
    { numRuns: 12 },
  )
})

test("a file that holds one identical row more than an earlier one adds one event", async () => {
  const shopId = await newShop()
  await load(shopId, jsonl([event(), event()]))
  expect(await load(shopId, jsonl([event(), event(), event()]))).toMatchObject({ rowsAdded: 1, rowsKnown: 2 })
})

test("an id that comes again is one event, at another time too, in one file and in a later one", async () => {
  const shopId = await newShop()
  const path = jsonl([
    event({ id: "1", at: "2026-05-01T12:00:00Z" }),
    event({ id: "1", at: "2026-04-30T12:00:00Z" }),
  ])
  expect(await load(shopId, path)).toMatchObject({ rowsAdded: 1, rowsKnown: 1 })
  const later = jsonl([event({ id: "1", at: "2026-03-01T00:00:00Z" }), event({ id: "2" })])
  expect(await load(shopId, later)).toMatchObject({ rowsAdded: 1, rowsKnown: 1 })
  expect(await query(shopId, "SELECT at FROM events ORDER BY at")).toEqual([
    { at: new Date("2026-04-30T12:00:00Z") },
    { at: new Date("2026-05-01T10:00:00Z") },
  ])
})

test("an export that names a shopper anew adds no event whose id is known", async () => {
  const shopId = await newShop()
  await load(shopId, jsonl([event({ id: "1", shopper: "cookie-7" })]))
  expect(await load(shopId, jsonl([event({ id: "1", shopper: "ann" })]))).toMatchObject({
    rowsAdded: 0,
    rowsKnown: 1,
  })
})

test("an earlier event that comes late moves the time from which its shopper is recounted", async () => {
  const shopId = await newShop()
  await load(shopId, jsonl([event()]))
  await load(shopId, jsonl([event({ at: "2026-04-01T00:00:00Z" })]))
  expect(await query(shopId, "SELECT since FROM dirty_shoppers")).toEqual([
    { since: new Date("2026-04-01T00:00:00Z") },
  ])
})

test("CSV, JSON lines, Parquet and their gzip give the same events", async () => {
  const rows = [
    event({ id: "1", price: 1.5, currency: "EUR", quantity: 3 }),
    event({ shopper: "17850", query: 'say "hi", ü\nnew line', type: "search", item: "", session: "s" }),
    event({ type: "purchase", order: "o", source: "email", at: "2026-05-01T10:00:00.123Z" }),
    event({ type: "purchase", order: "o", source: "email", at: "2026-05-01T10:00:00.123Z" }),
  ]
  const columns = [
    "shopper",
    "type",
    "at",
    "item",
    "price",
    "currency",
    "quantity",
    "session",
    "order",
    "query",
    "source",
    "id",
  ]
  const cell = (value: unknown) => `"${String(value ?? "").replaceAll('"', '""')}"`
  const csv = [
    columns.join(","),
    ...rows.map((row) => columns.map((column) => cell(row[column])).join(",")),
  ].join("\n")
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("")
  const parquet = parquetWriteBuffer({
    columnData: columns.map((name) => ({
      name,
      data: rows.map((row) => (name === "at" ? new Date(String(row.at)) : (row[name] ?? null))),
      nullable: true,
      type:
        name === "at"
          ? ("TIMESTAMP" as const)
          : name === "price"
            ? ("DOUBLE" as const)
            : name === "quantity"
              ? ("INT32" as const)
              : ("STRING" as const),
    })),
    rowGroupSize: 2,
  })
  const shopId = await newShop()
  await load(shopId, file("jsonl", lines))
  const expected = await state(shopId)
  expect(expected).toHaveLength(4)
  const others = [
    file("csv", csv),
    file("csv", `\ufeff${csv.replaceAll('\n"', '\r\n"')}\r\n`),
    file("jsonl.gz", gzipSync(lines)),
    file("csv.gz", gzipSync(csv)),
    file("parquet", new Uint8Array(parquet)),
  ]
  for (const path of others) {
    await query(shopId, "DELETE FROM events")
    expect(await load(shopId, path), path).toMatchObject({ rowsRead: 4, rowsAdded: 4, aside: {} })
    expect(await state(shopId), path).toEqual(expected)
  }
})

const longLine = JSON.stringify(event({ source: "x".repeat(10_000_000) }))

test.each([
  ["unknown_type", JSON.stringify(event({ type: "dance" }))],
  ["no_time", JSON.stringify(event({ at: null }))],
  ["bad_time", JSON.stringify(event({ at: "soon" }))],
  ["future_time", JSON.stringify(event({ at: NOW_MS + 3_600_000 }))],
  ["time_too_early", JSON.stringify(event({ at: 1_777_000_000 }))],
  ["negative_price", JSON.stringify(event({ price: -1 }))],
  ["bad_price", JSON.stringify(event({ price: "free" }))],
  ["bad_price", JSON.stringify(event({ price: 1e9 }))],
  ["bad_currency", JSON.stringify(event({ currency: "€" }))],
  ["bad_quantity", JSON.stringify(event({ quantity: 0 }))],
  ["bad_quantity", JSON.stringify(event({ quantity: 1.5 }))],
  ["no_shopper", JSON.stringify(event({ shopper: "" }))],
  ["nul_byte", JSON.stringify(event({ item: "a\0b" }))],
  ["nul_byte", JSON.stringify(event()).replace("mug", "m\0g")],
  [
    "broken_utf8",
    Buffer.concat([Buffer.from(JSON.stringify(event()).slice(0, -2)), Buffer.from([0xff, 0x22, 0x7d])]),
  ],
  ["broken_utf8", JSON.stringify(event()).replace("mug", "\\ud800")],
  ["bad_field", JSON.stringify(event({ item: { a: 1 } }))],
  ["field_too_long", JSON.stringify(event({ order: "x".repeat(300) }))],
  ["bad_json", '{"shopper": "ann", '],
  ["bad_json", "[1, 2]"],
  ["line_too_long", longLine],
])("a row of JSON lines with %s is set aside with its line, and the others are kept", async (reason, bad) => {
  const shopId = await newShop()
  const good = (id: string) => Buffer.from(`${JSON.stringify(event({ id }))}\n`)
  const path = file(
    "jsonl",
    Buffer.concat([good("1"), good("2"), Buffer.from(bad), Buffer.from("\n"), good("3")]),
  )
  const result = await load(shopId, path, { asideFile: `${path}.aside.jsonl` })
  expect(result).toMatchObject({
    rowsRead: 4,
    rowsAdded: 3,
    aside: { [reason]: 1 },
    asideFile: `${path}.aside.jsonl`,
  })
  const kept = asides(`${path}.aside.jsonl`)
  expect(kept).toMatchObject([{ line: 3, reason }])
  expect(kept[0]?.row.length).toBeLessThan(3_000)
  expect(statSync(`${path}.aside.jsonl`).mode & 0o777).toBe(0o600)
})

test("rows of CSV that cannot be read are set aside with the line on which they begin", async () => {
  const shopId = await newShop()
  const path = file(
    "csv",
    Buffer.concat([
      Buffer.from("Shopper,TYPE,at,query\n"),
      Buffer.from('ann,search,2026-05-01,"two\nlines"\n'),
      Buffer.from("ann,search,2026-05-01\n"),
      Buffer.from('ann,search,2026-05-01,"a"b\n'),
      Buffer.from("ann,search,2026-05-01,"),
      Buffer.from([0xc3, 0x28, 0x0a]),
      Buffer.from(`ann,search,2026-05-01,${"x".repeat(10_000_000)}\n`),
      Buffer.from("ann,search,2026-05-02,a\0b\n"),
      Buffer.from("ann,search,2026-05-03,last"),
    ]),
  )
  const result = await load(shopId, path, { asideFile: `${path}.aside.jsonl` })
  expect(result).toMatchObject({ rowsRead: 7, rowsAdded: 2 })
  expect(asides(`${path}.aside.jsonl`).map(({ line, reason }) => [line, reason])).toEqual([
    [4, "wrong_column_count"],
    [5, "bad_csv"],
    [6, "broken_utf8"],
    [7, "line_too_long"],
    [8, "nul_byte"],
  ])
})

const goodLines = Array.from(
  { length: 30_000 },
  (_, n) => `${JSON.stringify(event({ id: String(n) }))}\n`,
).join("")

test.each([
  ["is not there", () => join(folder, "none.csv"), /cannot be read/],
  ["is a folder", () => folder, /not a file/],
  ["is empty", () => file("csv", ""), /is empty/],
  ["is of an unknown kind", () => file("xlsx", "x"), /unknown kind/],
  ["has no header", () => file("csv", "ann,product_view,2026-05-01\n"), /no column shopper, type, at/],
  ["is a JSON array", () => file("jsonl", "[\n{}\n]"), /not JSON lines/],
  ["is no Parquet", () => file("parquet", "hello, I am no parquet file"), /no whole Parquet file/],
  ["is cut gzip", () => file("jsonl.gz", gzipSync(goodLines).subarray(0, 60_000)), /damaged or cut short/],
])("a file that %s is refused with a message, and nothing of it is kept", async (_, makeFile, message) => {
  const shopId = await newShop()
  const path = makeFile()
  await expect(load(shopId, path, { asideFile: `${path}.aside.jsonl` })).rejects.toThrow(message)
  await expect(load(shopId, path)).rejects.toMatchObject({ code: "bad_file" })
  for (const table of [
    "events",
    "shoppers",
    "shopper_identities",
    "products",
    "dirty_shoppers",
    "vault.shopper_keys",
  ])
    expect(await query(shopId, `SELECT FROM ${table}`), table).toEqual([])
  const runs = await query(shopId, "SELECT state, rows_added FROM import_runs")
  for (const run of runs) expect(run).toEqual({ state: "failed", rows_added: "0" })
  // The shop is free for the next import.
  expect(await load(shopId, jsonl([event()]))).toMatchObject({ rowsAdded: 1 })
})

test("a cut Parquet file is refused", async () => {
  const whole = new Uint8Array(
    parquetWriteBuffer({
      columnData: ["shopper", "type", "at"].map((name) => ({
        name,
        data: ["a", "b"],
        type: "STRING" as const,
      })),
    }),
  )
  const shopId = await newShop()
  await expect(load(shopId, file("parquet", whole.subarray(0, whole.length - 20)))).rejects.toThrow(
    /no whole Parquet/,
  )
})

test("others see how far an import is, and a second one has to wait", async () => {
  const shopId = await newShop()
  let seen: Promise<unknown> | undefined
  let second: Promise<unknown> | undefined
  await load(shopId, file("jsonl", goodLines), {
    onProgress: () => {
      seen ??= query(shopId, "SELECT state, rows_added FROM import_runs")
      second ??= load(shopId, jsonl([event()])).catch((error: unknown) => error)
    },
  })
  expect(await seen).toEqual([{ state: "running", rows_added: "0" }])
  expect(await second).toMatchObject({ code: "too_many" })
  expect(
    await query(
      shopId,
      "SELECT state, rows_read, rows_added, finished_at IS NOT NULL AS ended FROM import_runs",
    ),
  ).toEqual([{ state: "done", rows_read: "30000", rows_added: "30000", ended: true }])
})

test("an import that was killed is closed by the next one", async () => {
  const shopId = await newShop()
  await query(shopId, `INSERT INTO import_runs (shop_id, kind) VALUES (${shopId}, 'events')`)
  await load(shopId, jsonl([event()]))
  expect(await query(shopId, "SELECT state FROM import_runs ORDER BY started_at")).toEqual([
    { state: "failed" },
    { state: "done" },
  ])
})

test("no name and no search is in the clear in any table, and both open under the shopper's key", async () => {
  const shopId = await newShop()
  const name = "secret.person@example.com"
  const typed = "gift for a secret lover"
  const rows = [
    event({ shopper: name, session: "secret-session", query: typed }),
    event({ shopper: name, session: "secret-session" }),
  ]
  await load(shopId, jsonl(rows))
  const url = new URL(inject("adminUrl"))
  url.pathname = new URL(process.env.DATABASE_URL ?? "").pathname
  const found = await asAdmin(url.href, async (admin) => {
    const { rows: tables } = await admin.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname IN ('public', 'vault') AND c.relkind = 'r'`,
    )
    const hits: string[] = []
    for (const { name: table } of tables) {
      // A row as text shows bytes in hex, so both forms are looked for.
      const { rows: matches } = await admin.query(
        `SELECT FROM ${table} t WHERE t::text ~* 'secret' OR t::text LIKE '%' || encode('secret', 'hex') || '%'`,
      )
      if (matches.length > 0) hits.push(table)
    }
    return hits
  })
  expect(found).toEqual([])

  const keys = await shopKeys(shopId)
  const [row] = await query(
    shopId,
    `SELECT shopper_id, wrapped, sealed, query_sealed FROM vault.shopper_keys JOIN shopper_identities USING (shop_id, shopper_id)
     JOIN events USING (shop_id, shopper_id) WHERE query_sealed IS NOT NULL`,
  )
  const shopperId = BigInt(row.shopper_id)
  const key = unwrapShopperKey(keys, shopId, shopperId, row.wrapped)
  expect(open(key, row.sealed, namePlace(shopId, shopperId, "source")).toString()).toBe(name)
  expect(open(key, row.query_sealed, queryPlace(shopId, shopperId)).toString()).toBe(typed)
  const found2 = await withShopSql(shopId, (client) => findShopper(client, shopId, keys, "source", name))
  expect(found2).toBe(shopperId)
})

test("two shops with the same file share nothing, not even keys of events", async () => {
  const [one, two] = [await newShop(), await newShop()]
  const path = jsonl([event({ id: "1", session: "s" }), event()])
  await load(one, path)
  const before = await state(one)
  await load(two, path)
  expect(await state(one)).toEqual(before)
  const others = await state(two)
  expect(others).toHaveLength(2)
  for (const column of ["event_key", "shopper"] as const)
    expect(others.map((row) => row[column])).not.toEqual(before.map((row) => row[column]))
  const { rows } = await databasePool().query("SELECT FROM events")
  expect(rows).toEqual([])
})

test("an items file fills in products that events have named, and a second time changes nothing", async () => {
  const shopId = await newShop()
  await load(shopId, jsonl([event()]))
  const items = file(
    "csv",
    'item,title,description,category,brand,price,currency,image,available\nmug,Blue Mug,"A mug, blue",Kitchen,Clay,12.50,EUR,https://img.test/mug.png,true\npot,Pot,,Kitchen,,,,,no\npot,Big Pot,,,,,,,\n,No id,,,,,,,\ncup,,,,,,,,\nx,X,,,,,,,maybe\n',
  )
  const asideFile = `${items}.aside.jsonl`
  const first = await importItems(shopId, items, { nowMs: NOW_MS, asideFile })
  expect(first).toMatchObject({
    rowsRead: 6,
    rowsAdded: 2,
    aside: { no_item: 1, no_title: 1, bad_available: 1 },
  })
  expect(asides(asideFile).map(({ line }) => line)).toEqual([5, 6, 7])
  const products = () =>
    query(
      shopId,
      "SELECT external_id, title, description, category, brand, price_cents, currency, image_url, available FROM products ORDER BY 1",
    )
  expect(await products()).toEqual([
    {
      external_id: "mug",
      title: "Blue Mug",
      description: "A mug, blue",
      category: "Kitchen",
      brand: "Clay",
      price_cents: 1250,
      currency: "EUR",
      image_url: "https://img.test/mug.png",
      available: true,
    },
    {
      external_id: "pot",
      title: "Big Pot",
      description: "",
      category: "",
      brand: "",
      price_cents: null,
      currency: null,
      image_url: null,
      available: true,
    },
  ])
  expect(await importItems(shopId, items, { nowMs: NOW_MS })).toMatchObject({ rowsAdded: 0, rowsKnown: 3 })
  expect(await count(shopId)).toBe(1)
})
