import { randomUUID } from "node:crypto"
import { beforeEach, describe, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { type HistoryKind, requestAgain, requestHistory } from "../shop/request-history.server.ts"
import { readAdminHome } from "./admin-home.server.ts"
import { readHistory } from "./shop-history.server.ts"
import { historyParts, type RunRow } from "./shop-history.ts"

const nowMs = Date.UTC(2026, 10, 24, 12)

const run = (kind: HistoryKind, over: Partial<RunRow> = {}): RunRow => ({
  kind,
  state: "running",
  begun: false,
  rowsRead: 0,
  rowsExpected: null,
  rowsAside: 0,
  message: null,
  startedAtMs: nowMs,
  finishedAtMs: null,
  ...over,
})
const states = (rows: RunRow[]) => historyParts(rows).map(({ kind, state }) => [kind, state])

describe("parts", () => {
  test("one is at work at a time: the first that is not read yet, past one that stopped", () => {
    expect(
      states([
        run("history_products", { state: "done" }),
        run("history_inventory", { state: "failed" }),
        run("history_collections", { begun: true, rowsRead: 3, rowsExpected: 9 }),
        run("history_customers"),
      ]),
    ).toEqual([
      ["history_products", "done"],
      ["history_inventory", "failed"],
      ["history_collections", "reading"],
      ["history_customers", "waiting"],
    ])
  })

  test("before its lines come, Shopify is asked and then gathers them", () => {
    expect(states([run("history_products")])).toEqual([["history_products", "asking"]])
    expect(states([run("history_products", { begun: true, rowsExpected: 7 })])).toEqual([
      ["history_products", "gathering"],
    ])
  })

  test("beside all orders those of 60 days are left out, unless they are being read", () => {
    const all = run("history_all_orders")
    expect(states([run("history_orders", { state: "failed" }), all])).toEqual([
      ["history_all_orders", "asking"],
    ])
    expect(states([run("history_orders"), all])).toHaveLength(2)
  })
})

describe("in the database", () => {
  testDatabase()

  let shopId: number
  beforeEach(async () => {
    shopId = await ensureShop(`s${randomUUID().slice(0, 8)}.myshopify.com`)
  })
  const sql = (text: string, values: unknown[] = [], id = shopId) =>
    withShopSql(id, (client) => client.query(text, [id, ...values]))
  const request = (id = shopId) => withShopSql(id, (client) => requestHistory(client, id))
  const again = (kind: HistoryKind, id = shopId) =>
    withShopSql(id, (client) => requestAgain(client, id, kind))
  const read = (id = shopId) => withShopSql(id, (client) => readHistory(client, id, new Date()))
  const kinds = async (id = shopId) => (await read(id))?.parts.map(({ kind, state }) => `${kind} ${state}`)

  test("a shop that was only imported from files has none", async () => {
    await sql("INSERT INTO import_runs (shop_id, kind, state) VALUES ($1, 'events', 'done')")
    expect(await read()).toBeNull()
  })

  test("files and history are told apart", async () => {
    await request()
    await sql("INSERT INTO import_runs (shop_id, kind, state) VALUES ($1, 'items', 'done')")
    const home = await readAdminHome(shopId, { asOf: new Date() })
    expect(home.imports.map(({ kind }) => kind)).toEqual(["items"])
    expect(home.history?.parts).toHaveLength(5)
  })

  test("each kind is told by its latest run of this installation, in the order of reading", async () => {
    await sql(
      `INSERT INTO import_runs (shop_id, kind, state, started_at)
       VALUES ($1, 'history_products', 'failed', now() - interval '2 days')`,
    )
    expect(await read()).toBeNull()
    await request()
    await sql(
      `UPDATE import_runs SET state = 'failed', message = 'It ended.', rows_read = 12, rows_expected = 50,
         rows_aside = '{"bad_node": 2}', finished_at = now()
       WHERE shop_id = $1 AND kind = 'history_customers'`,
    )
    const history = await read()
    expect(history?.parts.map(({ kind }) => kind)).toEqual([
      "history_products",
      "history_inventory",
      "history_collections",
      "history_customers",
      "history_orders",
    ])
    expect(history?.parts[3]).toMatchObject({
      state: "failed",
      rowsRead: 12,
      rowsExpected: 50,
      rowsAside: 2,
      message: "It ended.",
      finishedAtMs: expect.any(Number),
    })
  })

  test("a kind is asked for again once, and not while it is being read", async () => {
    await request()
    expect(await again("history_products")).toBe(false)
    await sql("UPDATE import_runs SET state = 'failed' WHERE shop_id = $1 AND kind = 'history_products'")
    const asked = await Promise.all([again("history_products"), again("history_products")])
    expect(asked.sort()).toEqual([false, true])
    expect((await kinds())?.[0]).toBe("history_products asking")
  })

  test("what ran before an uninstall does not stand in the way, and a shop that was left is not read", async () => {
    await request()
    await sql("UPDATE shops SET installed_at = now() + interval '1 millisecond' WHERE shop_id = $1")
    expect(await again("history_products")).toBe(true)
    await sql("UPDATE shops SET uninstalled_at = now() WHERE shop_id = $1")
    expect(await again("history_inventory")).toBe(false)
    expect(await read()).toBeNull()
  })

  test("all orders are asked for only where the shop allows it", async () => {
    expect(await again("history_all_orders")).toBe(false)
    await sql("UPDATE shops SET scopes = 'read_orders,read_all_orders' WHERE shop_id = $1")
    expect(await again("history_all_orders")).toBe(true)
  })

  test("of comparisons the latest and the latest finished are told, of this shop alone", async () => {
    const other = await ensureShop(`o${randomUUID().slice(0, 8)}.myshopify.com`)
    await request()
    await request(other)
    const insert = `INSERT INTO reconcile_runs (shop_id, state, counts, started_at, finished_at)
      VALUES ($1, $2, $3, now() - $4 * interval '1 minute', CASE $2 WHEN 'done' THEN now() END)`
    const counts = (checked: number) => JSON.stringify({ order: { checked, missing: 0, stale: 0, gone: 0 } })
    await sql(insert, ["done", counts(5), 9])
    await sql(insert, ["done", counts(6), 8])
    await sql(insert, ["running", counts(2), 1])
    expect((await read())?.comparison).toMatchObject({
      state: "running",
      soFar: [{ checked: 2 }],
      last: { kinds: [{ checked: 6 }] },
    })
    expect((await read(other))?.comparison).toMatchObject({ state: "idle", soFar: [], last: null })
  })
})
