import { randomUUID } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import pg from "pg"
import { expect, inject, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { asAdmin } from "../cli/prepare-database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { claimFresh, claimOne, claimSuspect } from "./claim-deliveries.server.ts"
import { acceptDelivery } from "./inbox.server.ts"
import { replayDead } from "./replay-dead.server.ts"
import { processDelivery, processPending } from "./work-inbox.server.ts"

testDatabase()

let shops = 0
const newShop = () => ensureShop(`claims-${++shops}.myshopify.com`)

async function deliver(shopId: number, count: number): Promise<bigint[]> {
  const ids: bigint[] = []
  for (let n = 0; n < count; n++) {
    const body = {
      shopper: { kind: "browser", name: randomUUID() },
      events: [{ type: "page_view", at: Date.now() - 1_000 }],
    }
    const given = { door: "block", topic: "events", externalId: randomUUID(), triggeredAt: null } as const
    ids.push((await acceptDelivery(shopId, { ...given, body: JSON.stringify(body) })).deliveryId)
  }
  return ids
}

const query = (shopId: number, sql: string, values: unknown[] = []) =>
  withShopSql(shopId, async (client) => (await client.query(sql, values)).rows)

/** The lease of what a lost worker had is over. */
const leaseEnds = (shopId: number) => query(shopId, "UPDATE inbox SET next_attempt_at = now()")

const states = (shopId: number) =>
  query(shopId, "SELECT state, reason, attempts, lost_workers AS lost FROM inbox ORDER BY delivery_id")

const spoil = (shopId: number, deliveryId: bigint | undefined) =>
  query(shopId, "UPDATE inbox SET body = decode(repeat('00', 40), 'hex') WHERE delivery_id = $1", [
    String(deliveryId),
  ])

test("a delivery that three workers did not survive is given up, counted, and the others go on", async () => {
  const shopId = await newShop()
  const [poison] = await deliver(shopId, 3)
  expect((await claimFresh(shopId, 10)).claimed).toHaveLength(3)
  // The worker ends here, with three in hand. The next ones take each alone, and end with the first.
  for (let death = 2; death <= 3; death++) {
    await leaseEnds(shopId)
    expect((await claimSuspect(shopId)).claimed).toEqual([{ deliveryId: poison, door: "block" }])
  }
  await leaseEnds(shopId)
  expect(await processPending(shopId, 10)).toEqual({ done: 2, dropped: 0, retry: 0, dead: 1, skipped: 0 })
  expect(await states(shopId)).toEqual([
    { state: "dead", reason: "worker_lost", attempts: 0, lost: 3 },
    { state: "done", reason: null, attempts: 0, lost: 1 },
    { state: "done", reason: null, attempts: 0, lost: 1 },
  ])
  expect(await query(shopId, "SELECT name, count::int FROM counters")).toEqual([
    { name: "dead:worker_lost", count: 1 },
  ])
})

test("what was given up is tried again when somebody says so, where its body is still there", async () => {
  const shopId = await newShop()
  const [kept, destroyed] = await deliver(shopId, 3)
  const give = (deliveryId: bigint | undefined, more = "") =>
    query(
      shopId,
      `UPDATE inbox SET state = 'dead', reason = 'worker_lost', lost_workers = 3 ${more} WHERE delivery_id = $1`,
      [String(deliveryId)],
    )
  await give(kept)
  await give(destroyed, ", body = NULL")
  expect(await replayDead(shopId, "another_reason")).toEqual([])
  expect(await replayDead(shopId)).toEqual([{ reason: "worker_lost", replayed: 1, gone: 1 }])
  expect(await processPending(shopId, 10)).toMatchObject({ done: 2, dead: 0 })
  expect(await states(shopId)).toMatchObject([{ state: "done" }, { state: "dead" }, { state: "done" }])
})

test("errors are no lost workers, however many", async () => {
  const shopId = await newShop()
  const [damaged] = await deliver(shopId, 1)
  await spoil(shopId, damaged)
  for (let attempt = 1; attempt <= 5; attempt++) {
    await leaseEnds(shopId)
    expect(await processPending(shopId, 10)).toMatchObject({ retry: 1 })
  }
  expect(await states(shopId)).toEqual([{ state: "pending", reason: "internal", attempts: 5, lost: 0 }])
})

test("one that fails keeps none of its batch back", async () => {
  const shopId = await newShop()
  const [, damaged] = await deliver(shopId, 3)
  await spoil(shopId, damaged)
  expect(await processPending(shopId, 10)).toEqual({ done: 2, dropped: 0, retry: 1, dead: 0, skipped: 0 })
  expect(await states(shopId)).toMatchObject([
    { state: "done", lost: 0 },
    { state: "pending", attempts: 1, lost: 0 },
    { state: "done", lost: 0 },
  ])
})

test("what is claimed is nobody else's until its lease ends, and what is being worked off not even then", async () => {
  const shopId = await newShop()
  const [first] = await deliver(shopId, 1)
  if (first === undefined) throw new TypeError("nothing was delivered")
  expect((await claimOne(shopId, first)).claimed).toHaveLength(1)
  expect((await claimFresh(shopId, 10)).claimed).toEqual([])
  expect((await claimSuspect(shopId)).claimed).toEqual([])
  await leaseEnds(shopId)
  await withShopSql(shopId, async (working) => {
    await working.query("SELECT FROM inbox WHERE delivery_id = $1 FOR UPDATE", [String(first)])
    expect((await claimSuspect(shopId)).claimed).toEqual([])
    expect(await processDelivery(shopId, first)).toEqual({ outcome: "skipped" })
  })
  expect((await claimSuspect(shopId)).claimed).toHaveLength(1)
})

test("many workers at once do each delivery once", async () => {
  const shopId = await newShop()
  await deliver(shopId, 60)
  const counts = await Promise.all([1, 2, 3, 4].map(() => processPending(shopId, 100)))
  expect(counts.reduce((sum, { done }) => sum + done, 0)).toBe(60)
  expect(await query(shopId, "SELECT count(*)::int FROM events")).toEqual([{ count: 60 }])
})

test("a database that goes away with deliveries in hand counts as no lost worker", async () => {
  const shopId = await newShop()
  await deliver(shopId, 2)
  const owner = new pg.Client({ connectionString: process.env.DATABASE_OWNER_URL })
  await owner.connect()
  const working = await asAdmin(inject("adminUrl"), async (admin) => {
    const database = new URL(process.env.DATABASE_URL ?? "").pathname.slice(1)
    const allow = (allowed: boolean) => admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS ${allowed}`)
    const serving = "FROM pg_stat_activity WHERE datname = $1 AND usename = 'throughline_serving'"
    await owner.query("BEGIN; LOCK TABLE shoppers IN ACCESS EXCLUSIVE MODE")
    const result = processPending(shopId, 10).then(
      () => "worked",
      () => "failed",
    )
    const blocked = `SELECT ${serving.replace("FROM", "1 FROM")} AND wait_event_type = 'Lock'`
    while ((await admin.query(blocked, [database])).rowCount === 0) await wait(10)
    await allow(false)
    // The idle ones first: by one that still stands, the worker could give its claim back.
    const idle = `${serving} AND wait_event_type IS DISTINCT FROM 'Lock'`
    await admin.query(`SELECT pg_terminate_backend(pid) ${idle}`, [database])
    while ((await admin.query(`SELECT 1 ${idle}`, [database])).rowCount !== 0) await wait(10)
    await admin.query(`SELECT pg_terminate_backend(pid) ${serving}`, [database])
    const outcome = await result
    await allow(true)
    return outcome
  })
  await owner.query("ROLLBACK")
  await owner.end()
  expect(working).toBe("failed")
  const claimed = { state: "pending", lost: 1 }
  expect(await states(shopId)).toMatchObject([claimed, claimed])
  expect(await processPending(shopId, 10)).toMatchObject({ done: 2 })
  const done = { state: "done", lost: 0 }
  expect(await states(shopId)).toMatchObject([done, done])
})
