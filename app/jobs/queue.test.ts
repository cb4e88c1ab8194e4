import { setTimeout as wait } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { findRedisServer, startRedis, type TestRedis } from "../../tests/support/redis.ts"
import { env } from "../env.server.ts"
import { openBullQueue } from "./bull-queue.server.ts"
import { openGraphileQueue } from "./graphile-queue.server.ts"
import { type JobHandler, type Queue, retryDelayMs } from "./queue.ts"

testDatabase()

let redis: TestRedis | undefined
const redisIsThere = findRedisServer() !== null
const isBuildServer = Boolean(process.env.CI)
beforeAll(async () => {
  if (redisIsThere || isBuildServer) redis = await startRedis()
})
afterAll(() => redis?.stop())

const adapters: { name: string; open: (prefix: string) => Queue; there: boolean }[] = [
  {
    name: "Bull on Redis",
    open: (prefix) => openBullQueue(redis?.url ?? "", prefix),
    there: redisIsThere || isBuildServer,
  },
  { name: "graphile-worker on PostgreSQL", open: () => openGraphileQueue(env().DATABASE_URL), there: true },
]

describe.each(adapters)("the queue, $name", ({ open, there }) => {
  const opened: Queue[] = []
  let prefix = ""
  afterEach(async () => {
    for (const queue of opened.splice(0)) await queue.close()
  })
  const queueOf = () => {
    const queue = open(prefix)
    opened.push(queue)
    return queue
  }
  const behaves = (behaviour: string, body: () => Promise<void>) =>
    test.runIf(there)(behaviour, async () => {
      prefix = `test-${crypto.randomUUID()}`
      await body()
    })

  behaves("a job that one process gives runs in another, with its shop", async () => {
    const ran: { id: string; shopId: number }[] = []
    await queueOf().work({ count: async ({ id, shopId }) => void ran.push({ id, shopId }) })
    await queueOf().enqueue({ job: "count", id: "count:7", shopId: 7 })
    await until(() => ran.length > 0)
    expect(ran).toEqual([{ id: "count:7", shopId: 7 }])
  })

  behaves("a delayed job waits for its time", async () => {
    const startedMs = Date.now()
    const ranMs: number[] = []
    const queue = queueOf()
    await queue.enqueue({ job: "later", id: "later:1", shopId: 1, runAt: new Date(startedMs + 700) })
    expect(await queue.depth()).toMatchObject({ delayed: 1, active: 0 })
    await queue.work({ later: async () => void ranMs.push(Date.now()) })
    await until(() => ranMs.length > 0)
    expect((ranMs[0] ?? 0) - startedMs).toBeGreaterThanOrEqual(699)
  })

  behaves("a handler that throws is tried again after a pause, and the others go on", async () => {
    const triedMs: number[] = []
    let others = 0
    const queue = queueOf()
    await queue.work({
      fails: async () => {
        triedMs.push(Date.now())
        if (triedMs.length === 1) throw new Error("the database went away")
      },
      works: async () => void others++,
    })
    await queue.enqueue({ job: "fails", id: "fails:1", shopId: 1 })
    await until(() => triedMs.length === 1)
    await queue.enqueue({ job: "works", id: "works:1", shopId: 1 })
    await until(() => others === 1)
    await until(() => triedMs.length === 2)
    // Clocks of two servers are compared here, so a little less is right too.
    expect((triedMs[1] ?? 0) - (triedMs[0] ?? 0)).toBeGreaterThan(retryDelayMs(1) - 100)
  })

  behaves("a hint of a job that waits to be tried again brings it forward", async () => {
    const triedMs: number[] = []
    const queue = queueOf()
    await queue.work({
      fails: async () => {
        triedMs.push(Date.now())
        if (triedMs.length <= 2) throw new Error("the database went away")
      },
    })
    await queue.enqueue({ job: "fails", id: "fails:1", shopId: 1 })
    await until(() => triedMs.length === 2)
    // It is put to wait for e² s a moment after it has failed.
    await until(async () => (await queue.depth()).delayed === 1)
    await queue.enqueue({ job: "fails", id: "fails:1", shopId: 1 })
    await until(() => triedMs.length === 3)
    expect((triedMs[2] ?? 0) - (triedMs[1] ?? 0)).toBeLessThan(retryDelayMs(2))
  })

  behaves(
    "while a hint waits, another of its id is dropped; once it has run, it may come again",
    async () => {
      const queue = queueOf()
      for (let times = 0; times < 5; times++) await queue.enqueue({ job: "once", id: "once:1", shopId: 1 })
      await queue.enqueue({ job: "once", id: "once:2", shopId: 2 })
      const shops: number[] = []
      await queue.work({ once: async ({ shopId }) => void shops.push(shopId) })
      await until(() => shops.length >= 2)
      await wait(200)
      expect(shops.sort()).toEqual([1, 2])
      await queue.enqueue({ job: "once", id: "once:1", shopId: 1 })
      await until(() => shops.length === 3)
    },
  )

  behaves(
    "closing waits for what runs, leaves nothing half done, and what is left runs elsewhere",
    async () => {
      const ended: string[] = []
      let begun = 0
      const slow: JobHandler = async ({ id }) => {
        begun++
        await wait(300)
        ended.push(id)
      }
      const queue = open(prefix)
      await queue.work({ slow })
      await queue.enqueue({ job: "slow", id: "slow:1", shopId: 1 })
      await until(() => begun === 1)
      await queue.close()
      expect(ended).toContain("slow:1")
      const other = queueOf()
      await other.enqueue({ job: "slow", id: "slow:2", shopId: 2 })
      await wait(200)
      expect({ begun, ...(await other.depth()) }).toEqual({ begun: 1, waiting: 1, delayed: 0, active: 0 })
      await other.work({ slow })
      await until(() => ended.length === 2)
    },
  )
})

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("it did not come to pass within 15 s")
    await wait(20)
  }
}
