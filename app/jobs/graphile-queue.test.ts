import { setTimeout as wait } from "node:timers/promises"
import { expect, inject, test, vi } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { asAdmin } from "../cli/prepare-database.ts"
import { openGraphileQueue } from "./graphile-queue.server.ts"
import { CONCURRENCY } from "./queue.ts"

testDatabase()

test("jobs are taken again after the database went away with a job in every hand", async () => {
  // graphile-worker prints why it gives up.
  const trace = vi.spyOn(console, "trace").mockReturnValue()
  const queue = openGraphileQueue(process.env.DATABASE_URL ?? "")
  const ran: string[] = []
  let cut: (() => void) | undefined
  const gone = new Promise<void>((resolve) => {
    cut = resolve
  })
  try {
    await queue.work({
      hold: async ({ id }) => {
        ran.push(id)
        await gone
      },
      after: async ({ id }) => {
        ran.push(id)
      },
    })
    for (let n = 0; n < CONCURRENCY; n++) await queue.enqueue({ job: "hold", id: `hold:${n}`, shopId: 1 })
    await vi.waitFor(() => expect(ran).toHaveLength(CONCURRENCY), { timeout: 10_000 })
    await withoutDatabase(async () => {
      cut?.()
      await wait(500)
    })
    await vi.waitFor(() => queue.enqueue({ job: "after", id: "after:1", shopId: 1 }), { timeout: 10_000 })
    await vi.waitFor(() => expect(ran).toContain("after:1"), { timeout: 15_000 })
    expect(trace).toHaveBeenCalled()
  } finally {
    await queue.close()
    trace.mockRestore()
  }
})

async function withoutDatabase(work: () => Promise<void>): Promise<void> {
  const database = new URL(process.env.DATABASE_URL ?? "").pathname.slice(1)
  await asAdmin(inject("adminUrl"), async (admin) => {
    await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`)
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [database])
    await work()
    await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
  })
}
