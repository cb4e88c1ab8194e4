import { randomUUID } from "node:crypto"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { makeShop, testHome } from "../../tests/support/serving-shop.ts"
import { withShopSql } from "../db.server.ts"
import { type DecisionRow, flushDecisions, isUnwritten, logDecision } from "./decision-log.server.ts"
import { recordExposures } from "./record-exposures.server.ts"

testDatabase()
testHome()

let shopId = 0
let productIds: number[] = []

beforeAll(async () => {
  shopId = await makeShop("exposures.myshopify.com", 4)
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ product_id: number }>("SELECT product_id FROM products ORDER BY product_id"),
  )
  productIds = rows.map((row) => row.product_id)
})

afterAll(() => flushDecisions())

const decision = (over: Partial<DecisionRow> = {}): DecisionRow => ({
  decisionId: randomUUID(),
  atMs: Date.now(),
  shopperId: null,
  surface: "block",
  placement: "product",
  contextProductId: null,
  outcome: "shown",
  productIds: productIds.slice(0, 2),
  scores: [2, 1],
  reasons: [{ kind: "popular" }, { kind: "popular" }],
  servedBy: "model",
  fallbackReason: null,
  modelId: null,
  inputsHash: Buffer.alloc(16, 1),
  latencyMs: 1,
  ...over,
})

async function exposuresOf(decisionId: string): Promise<number> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ count: number }>("SELECT count(*)::int AS count FROM exposures WHERE decision_id = $1", [
      decisionId,
    ]),
  )
  return rows[0]?.count ?? 0
}

const seen = (decisionId: string, item: string) => ({
  decisionId,
  kind: "seen" as const,
  item,
  atMs: Date.now(),
})

describe("an exposure", () => {
  it("counts only once its decision is on disk, and makes it so", async () => {
    const row = decision()
    await logDecision(shopId, row)
    expect(isUnwritten(row.decisionId)).toBe(true)
    expect(await recordExposures(shopId, [seen(row.decisionId, "p1")])).toEqual({ recorded: 1, unknown: 0 })
    expect(isUnwritten(row.decisionId)).toBe(false)
    expect(await exposuresOf(row.decisionId)).toBe(1)
  })

  it("waits while the decision cannot be written, and deciding goes on meanwhile", async () => {
    const owner = new pg.Client({ connectionString: process.env.DATABASE_OWNER_URL })
    await owner.connect()
    await owner.query("BEGIN; LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
    const row = decision()
    await logDecision(shopId, row)
    const recorded = recordExposures(shopId, [seen(row.decisionId, "p1")])
    await logDecision(shopId, decision())
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await exposuresOf(row.decisionId)).toBe(0)
    await owner.query("COMMIT")
    await owner.end()
    expect(await recorded).toEqual({ recorded: 1, unknown: 0 })
  })

  it("told twice counts once", async () => {
    const row = decision()
    await logDecision(shopId, row)
    await recordExposures(shopId, [seen(row.decisionId, "p1"), seen(row.decisionId, "p1")])
    await recordExposures(shopId, [seen(row.decisionId, "p1")])
    expect(await exposuresOf(row.decisionId)).toBe(1)
  })

  it("is not believed for a product that was not shown, a decision that was not made, or a withheld one", async () => {
    const row = decision()
    const withheld = decision({ outcome: "withheld", productIds: [], scores: [], reasons: [] })
    await logDecision(shopId, row)
    await logDecision(shopId, withheld)
    const reports = [seen(row.decisionId, "p4"), seen(randomUUID(), "p1"), seen(withheld.decisionId, "p1")]
    expect(await recordExposures(shopId, reports)).toEqual({ recorded: 0, unknown: 3 })
  })

  it("of another shop's decision is unknown", async () => {
    const row = decision()
    await logDecision(shopId, row)
    const other = await makeShop("neighbour.myshopify.com", 4)
    expect(await recordExposures(other, [seen(row.decisionId, "p1")])).toEqual({ recorded: 0, unknown: 1 })
  })
})

describe("the decision log", () => {
  it("loses nothing while the database refuses, and counts each fallback once", async () => {
    const owner = new pg.Client({ connectionString: process.env.DATABASE_OWNER_URL })
    await owner.connect()
    await owner.query("ALTER TABLE decisions RENAME TO decisions_away")
    const rows = Array.from({ length: 30 }, () =>
      decision({ servedBy: "item_knn", fallbackReason: "test_reason" }),
    )
    for (const row of rows) await logDecision(shopId, row)
    await expect(flushDecisions()).rejects.toThrow()
    await owner.query("ALTER TABLE decisions_away RENAME TO decisions")
    await owner.end()
    await flushDecisions()
    const { rows: counted } = await withShopSql(shopId, (client) =>
      client.query<{ written: number; count: number }>(
        `SELECT (SELECT count(*)::int FROM decisions WHERE fallback_reason = 'test_reason') AS written,
           (SELECT count::int FROM counters WHERE name = 'fallback:test_reason') AS count`,
      ),
    )
    expect(counted[0]).toEqual({ written: 30, count: 30 })
  })
})
