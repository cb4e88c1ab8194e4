import { expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { expireInboxKeys } from "./expire-inbox-keys.ts"

testDatabase()

test("after 30 days neither the key nor the body of a delivery is left, and one never processed is dead", async () => {
  const shopId = await ensureShop("keys.myshopify.com")
  const other = await ensureShop("other-keys.myshopify.com")
  for (const shop of [shopId, other]) await deliver(shop, "2026-03-01", "done")
  await deliver(shopId, "2026-03-01", "pending")
  await deliver(shopId, "2026-03-03", "pending")

  await expireInboxKeys(shopId, new Date("2026-03-31T00:00:00Z"))
  await expireInboxKeys(shopId, new Date("2026-03-31T00:00:00Z"))

  expect(await inbox(shopId)).toEqual([
    { day: "2026-03-01", state: "done", reason: null, body: false, key: false },
    { day: "2026-03-01", state: "dead", reason: "expired", body: false, key: false },
    { day: "2026-03-03", state: "pending", reason: null, body: true, key: true },
  ])
  expect(await inbox(other)).toMatchObject([{ body: true, key: true }])
})

async function deliver(shopId: number, day: string, state: string): Promise<void> {
  await withShopSql(shopId, async (client) => {
    await client.query(
      "INSERT INTO inbox (shop_id, door, topic, external_id, body, key_day, state) VALUES ($1, 'block', 'events', gen_random_uuid(), '\\x01', $2, $3)",
      [shopId, day, state],
    )
    await client.query(
      "INSERT INTO vault.inbox_keys (shop_id, day, wrapped) VALUES ($1, $2, '\\x02') ON CONFLICT DO NOTHING",
      [shopId, day],
    )
  })
}

async function inbox(shopId: number) {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query(
      `SELECT key_day::text AS day, state, reason, body IS NOT NULL AS body, k.day IS NOT NULL AS key
       FROM inbox LEFT JOIN vault.inbox_keys k ON k.day = key_day ORDER BY delivery_id`,
    ),
  )
  return rows
}
