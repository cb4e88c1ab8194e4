import { afterAll, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop } from "../db.server.ts"
import { hintInbox } from "./hint-inbox.server.ts"
import { closeQueue, jobQueue } from "./open-queue.server.ts"

testDatabase()
afterAll(closeQueue)

const WITHIN = { timeout: 10_000, interval: 20 }

test("deliveries that come together give one hint, and one that comes later another", async () => {
  const shopId = await ensureShop("hinted.myshopify.com")
  const waiting = async () => (await jobQueue().depth()).waiting
  for (let deliveries = 0; deliveries < 50; deliveries++) hintInbox(shopId)
  await expect.poll(waiting, WITHIN).toBe(1)

  const ran: number[] = []
  await jobQueue().work({ process_inbox: async (hint) => void ran.push(hint.shopId) })
  await expect.poll(() => ran, WITHIN).toEqual([shopId])
  hintInbox(shopId)
  await expect.poll(() => ran, WITHIN).toEqual([shopId, shopId])
})
