import { setTimeout as wait } from "node:timers/promises"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { asAdmin } from "../cli/prepare-database.ts"
import { databasePool, ensureShop, withShopSql } from "../db.server.ts"
import { env } from "../env.server.ts"
import { openGraphileQueue } from "./graphile-queue.server.ts"
import { onlyWhileInstalled } from "./only-while-installed.server.ts"
import { observed } from "./run-job.server.ts"
import { startScheduler } from "./scheduler.server.ts"
import { claimDueJobs, reconcileSchedules, recordRun } from "./schedules.server.ts"

testDatabase()

// How long a test waits before it calls a thing lost.
const WITHIN = { timeout: 10_000, interval: 50 }

const HOUR = { everyMs: 3_600_000 }

test("of several workers one alone gets a due job, and nobody before its next time", async () => {
  const shopId = await ensureShop("claims.myshopify.com")
  await reconcileSchedules(shopId, { a: HOUR, b: HOUR })
  const claims = await Promise.all(Array.from({ length: 6 }, () => claimDueJobs(shopId)))
  expect(claims.flatMap(({ due }) => due).sort()).toEqual(["a", "b"])
  await recordRun(shopId, "a", null)
  await recordRun(shopId, "b", null)
  const { due, waitMs } = await claimDueJobs(shopId)
  expect(due).toEqual([])
  expect(waitMs).toBeGreaterThan(3_500_000)
})

test("a job that was given and never ran is due again after its lease; one that failed, before its period", async () => {
  const shopId = await ensureShop("leases.myshopify.com")
  await reconcileSchedules(shopId, { lost: HOUR, failed: HOUR })
  await claimDueJobs(shopId)
  await recordRun(shopId, "failed", "AppError unavailable")
  const rows = await schedules(shopId)
  expect(rows.lost?.inSeconds).toBeLessThan(15)
  expect(rows.failed).toMatchObject({ error: "AppError unavailable" })
  expect(rows.failed?.inSeconds).toBeGreaterThan(60)
  expect(rows.failed?.inSeconds).toBeLessThanOrEqual(900)
})

test("reconciling again changes no due time, follows a new period, and drops a job that is no more", async () => {
  const shopId = await ensureShop("reconcile.myshopify.com")
  await reconcileSchedules(shopId, { kept: HOUR, gone: HOUR })
  await claimDueJobs(shopId)
  await recordRun(shopId, "kept", null)
  await reconcileSchedules(shopId, { kept: HOUR })
  expect((await schedules(shopId)).kept?.inSeconds).toBeGreaterThan(3_500)
  await reconcileSchedules(shopId, { kept: { everyMs: 60_000 } })
  const rows = await schedules(shopId)
  expect(Object.keys(rows)).toEqual(["kept"])
  expect(rows.kept?.inSeconds).toBeLessThanOrEqual(60)
})

test("a queue that lost everything is filled again from the rows", async () => {
  const shopId = await ensureShop("lost-queue.myshopify.com")
  const queue = openGraphileQueue(env().DATABASE_URL)
  const ran: number[] = []
  const timetable = { rebuilt: HOUR }
  await reconcileSchedules(shopId, timetable)
  await claimDueJobs(shopId)
  // The claim's hint is lost with the queue; time passes.
  await withShopSql(shopId, (client) =>
    client.query("UPDATE schedules SET next_run_at = now() - interval '1 s'"),
  )
  await queue.work({ rebuilt: observed(async (hint) => void ran.push(hint.shopId)) })
  const scheduler = startScheduler(queue, timetable)
  for (let tries = 0; tries < 200 && !ran.includes(shopId); tries++) await wait(50)
  await scheduler.stop()
  await queue.close()
  expect(ran).toContain(shopId)
  expect((await schedules(shopId)).rebuilt?.inSeconds).toBeGreaterThan(3_500)
})

test("a shop that the app has left keeps the jobs that go on, and has all of them again when it comes back", async () => {
  const shopId = await ensureShop("left.myshopify.com")
  const queue = openGraphileQueue(env().DATABASE_URL)
  const scheduler = startScheduler(queue, { stops: HOUR, goes_on: { ...HOUR, afterUninstall: true } })
  const jobs = async () => Object.keys(await schedules(shopId))
  await expect.poll(jobs, WITHIN).toEqual(["goes_on", "stops"])
  await withShopSql(shopId, (client) => client.query("UPDATE shops SET uninstalled_at = now()"))
  await expect.poll(jobs, WITHIN).toEqual(["goes_on"])
  await ensureShop("left.myshopify.com")
  await expect.poll(jobs, WITHIN).toEqual(["goes_on", "stops"])
  await scheduler.stop()
  await queue.close()
})

test("a job that waited while the app left the shop does nothing", async () => {
  const shopId = await ensureShop("left-behind.myshopify.com")
  const ran: string[] = []
  const job = onlyWhileInstalled(async ({ id }) => void ran.push(id))
  await job({ job: "any", id: "before", shopId })
  await withShopSql(shopId, (client) => client.query("UPDATE shops SET uninstalled_at = now()"))
  await job({ job: "any", id: "after", shopId })
  expect(ran).toEqual(["before"])
})

test("the serving role has no say over the queue's own migrations", async () => {
  await expect(databasePool().query("DELETE FROM queue.migrations")).rejects.toThrow("permission denied")
  expect(await asAdmin(env().DATABASE_URL, (client) => client.query("SELECT FROM queue.jobs"))).toBeDefined()
})

async function schedules(shopId: number) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ job: string; inSeconds: number; error: string | null }>(
      `SELECT job, extract(epoch FROM next_run_at - now())::float AS "inSeconds", last_error AS error
       FROM schedules ORDER BY job`,
    ),
  )
  return Object.fromEntries(rows.map(({ job, ...row }) => [job, row]))
}
