import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { TIMETABLE } from "../jobs/timetable.ts"
import { startProcess } from "./child-process.ts"

testDatabase()

const script = join(import.meta.dirname, "worker.ts")

test("the worker runs every job of a new shop, tells how it is, and ends well on SIGTERM", async () => {
  const shopId = await ensureShop("worked.myshopify.com")
  const worker = await startProcess<{ working: string; metrics: string }>("worker", script, {
    METRICS_PORT: "0",
  })
  expect(worker.ready.working).toBe("postgres")
  expect((await fetch(`${worker.ready.metrics}/healthz`)).status).toBe(200)

  await untilAllRan(shopId)
  const text = await (await fetch(`${worker.ready.metrics}/metrics`)).text()
  for (const job of Object.keys(TIMETABLE))
    expect(text).toContain(`throughline_job_seconds_count{job="${job}",outcome="done"} 1`)
  expect(text).toContain('throughline_queue_jobs{state="waiting"} 0')

  await worker.stop()
  expect(worker.child.exitCode).toBe(0)
})

test("a worker that is killed leaves its shop's work to the next one", async () => {
  const shopId = await ensureShop("killed.myshopify.com")
  const first = await startProcess("worker", script, { METRICS_PORT: "0" })
  first.child.kill("SIGKILL")
  const second = await startProcess("worker", script, { METRICS_PORT: "0" })
  await untilAllRan(shopId)
  await second.stop()
})

async function untilAllRan(shopId: number): Promise<void> {
  const jobs = Object.keys(TIMETABLE).sort()
  const deadline = Date.now() + 25_000
  for (;;) {
    const { rows } = await withShopSql(shopId, (client) =>
      client.query<{ job: string; error: string | null }>(
        "SELECT job, last_error AS error FROM schedules WHERE last_run_at IS NOT NULL ORDER BY job",
      ),
    )
    if (rows.length === jobs.length) {
      expect(rows).toEqual(jobs.map((job) => ({ job, error: null })))
      return
    }
    if (Date.now() > deadline) expect(rows.map(({ job }) => job)).toEqual(jobs)
    await wait(100)
  }
}
