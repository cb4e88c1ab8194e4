import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { acceptDelivery } from "../capture/inbox.server.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { processInbox } from "./process-inbox.ts"

testDatabase()

test("deliveries whose hint was lost are all worked off, more than a batch of them, each once", async () => {
  const shopId = await ensureShop("left-behind.myshopify.com")
  const atMs = Date.now() - 60_000
  for (let number = 0; number < 205; number++)
    await acceptDelivery(shopId, {
      door: "block",
      topic: "events",
      externalId: randomUUID(),
      triggeredAt: null,
      body: JSON.stringify({
        shopper: { kind: "browser", name: `browser-${number}` },
        events: [{ type: "page_view", at: atMs }],
      }),
    })
  await processInbox(shopId)
  await processInbox(shopId)
  const { rows } = await withShopSql(shopId, (client) =>
    client.query(
      `SELECT (SELECT count(*)::int FROM inbox WHERE state = 'done') AS done,
         (SELECT count(*)::int FROM inbox) AS deliveries, (SELECT count(*)::int FROM events) AS events`,
    ),
  )
  expect(rows).toEqual([{ done: 205, deliveries: 205, events: 205 }])
})
