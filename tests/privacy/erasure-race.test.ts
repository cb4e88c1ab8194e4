/** Erasure while the person is being captured: nothing is left of them under the number that was erased. */
import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { acceptDelivery } from "../../app/capture/inbox.server.ts"
import { processDelivery, processPending } from "../../app/capture/work-inbox.server.ts"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import { settlePrivacyRequests } from "../../app/jobs/settle-privacy-requests.ts"
import { recordPrivacyRequest } from "../../app/shop/privacy-requests.server.ts"
import { testDatabase } from "../support/database.ts"
import { makeRandom } from "../support/demo-shop/random.ts"
import { addPerson, person, privacyBody } from "./person.ts"

testDatabase()

const TRIALS = 15

test(`in ${TRIALS} erasures under capture nothing is left under an erased number, and everybody else is whole`, async () => {
  const domain = "race.myshopify.com"
  const shopId = await ensureShop(domain)
  const sql = async (text: string, values: unknown[] = []) =>
    (await withShopSql(shopId, (client) => client.query(text, values))).rows
  const kept = person(500)
  const keptId = await addPerson(shopId, kept)
  const random = makeRandom("erasure race 20261124")
  for (let trial = 0; trial < TRIALS; trial++) {
    const one = person(600 + trial)
    await addPerson(shopId, one)
    const capture = async (index: number) => {
      await new Promise((done) => setTimeout(done, random.unit() * 40))
      const block = {
        shopper:
          index % 2 ? { kind: "browser", name: one.browser } : { kind: "customer", name: one.customerId },
        session: one.browser,
        events: [{ type: "product_view", at: Date.now(), item: "p1", id: `${trial}:${index}` }],
      }
      const hook = {
        id: Number(one.customerId),
        email: one.email,
        first_name: one.firstName,
        updated_at: new Date(Date.now() - 60_000).toISOString(),
      }
      const { deliveryId } = await acceptDelivery(shopId, {
        door: index % 3 ? "block" : "webhook",
        topic: index % 3 ? "events" : "customers/update",
        externalId: randomUUID(),
        triggeredAt: new Date(Date.now() - 60_000),
        apiVersion: "2026-07",
        body: JSON.stringify(index % 3 ? block : hook),
      })
      await processDelivery(shopId, deliveryId)
    }
    const erase = async () => {
      await new Promise((done) => setTimeout(done, random.unit() * 20))
      await withShopSql(shopId, (client) =>
        recordPrivacyRequest(client, shopId, {
          topic: "customers/redact",
          body: privacyBody(domain, one),
          triggeredAt: new Date(),
          receivedAt: new Date(),
        }),
      )
      await settlePrivacyRequests(shopId, new Date(), async () => true)
    }
    await Promise.all([erase(), ...Array.from({ length: 9 }, (_, index) => capture(index))])
  }
  await processPending(shopId, 1_000)
  await settlePrivacyRequests(shopId, new Date(), async () => true)

  const tables = await sql(
    `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shopper_id'
     WHERE n.nspname IN ('public', 'vault') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname NOT IN ('redactions', 'access_log', 'dirty_shoppers')`,
  )
  const left: string[] = []
  for (const { name } of tables)
    left.push(
      ...(
        await sql(
          `SELECT '${name} ' || shopper_id AS row FROM ${name}
         WHERE shopper_id IN (SELECT shopper_id FROM vault.redactions WHERE kind = 'person')`,
        )
      ).map(({ row }) => row),
    )
  expect(left).toEqual([])
  expect(await sql("SELECT state, count(*)::int AS n FROM privacy_requests GROUP BY state")).toEqual([
    { state: "done", n: TRIALS },
  ])
  expect(await sql("SELECT state FROM inbox WHERE body IS NOT NULL")).toEqual([])
  expect(
    await sql("SELECT count(*)::int AS n FROM shopper_identities WHERE shopper_id = $1", [keptId]),
  ).toEqual([{ n: 1 }])
})
