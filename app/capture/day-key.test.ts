import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { acceptDelivery } from "./inbox.server.ts"
import { processDelivery } from "./work-inbox.server.ts"

testDatabase()

test("a delivery that comes after the day's key was destroyed is sealed under a new one, and opens", async () => {
  const shopId = await ensureShop("day-key.myshopify.com")
  const accept = (externalId: string) =>
    acceptDelivery(shopId, {
      door: "block",
      topic: "events",
      externalId,
      triggeredAt: null,
      body: JSON.stringify({
        shopper: { kind: "browser", name: externalId },
        events: [{ type: "page_view", at: Date.now() }],
      }),
    })
  await accept("before")
  await withShopSql(shopId, (client) => client.query("DELETE FROM vault.inbox_keys"))
  const { deliveryId, duplicate } = await accept("after")
  expect(duplicate).toBe(false)
  expect(await processDelivery(shopId, deliveryId)).toEqual({ outcome: "done", added: 1 })
})

test("what goes alongside is durable with the delivery or not at all, and once", async () => {
  const shopId = await ensureShop("alongside.myshopify.com")
  const delivery = {
    door: "webhook",
    topic: "app/uninstalled",
    externalId: "one",
    triggeredAt: null,
    body: "{}",
  } as const
  const count = async () => {
    const { rows } = await withShopSql(shopId, (client) =>
      client.query<{ count: number }>("SELECT count(*)::int AS count FROM inbox"),
    )
    return rows[0]?.count
  }
  await expect(
    acceptDelivery(shopId, delivery, () => Promise.reject(new Error("cannot be done"))),
  ).rejects.toThrow("cannot be done")
  expect(await count()).toBe(0)
  let done = 0
  for (let attempt = 0; attempt < 2; attempt++)
    await acceptDelivery(shopId, delivery, async () => void done++)
  expect([await count(), done]).toEqual([1, 1])
})
