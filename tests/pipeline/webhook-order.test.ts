/**
 * Whatever happens to the shop's messages on their way, what we hold in the end is what one ordered delivery of them
 * leaves: records, products, consents, events, who is one person, and the visits counted from it.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import { acceptDelivery } from "../../app/capture/inbox.server.ts"
import { processPending } from "../../app/capture/work-inbox.server.ts"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { testDatabase } from "../support/database.ts"
import { type Arrival, disturb } from "./webhook-order/disturb.ts"
import { dumpShop } from "./webhook-order/dump-shop.ts"
import type { Sent } from "./webhook-order/small-shop.ts"
import { ACT_COUNT, type Act, tellStory } from "./webhook-order/tell-story.ts"

testDatabase()

/** More on demand: a run of hundreds takes minutes. */
const RUNS = Number(process.env.WEBHOOK_ORDER_RUNS ?? 12)

const small = fc.nat({ max: 11 })
const act: fc.Arbitrary<Act> = fc.record({
  act: fc.nat({ max: ACT_COUNT - 1 }),
  a: small,
  b: small,
  c: small,
  // Several things within one second are common, for `updated_at` has whole seconds.
  gapMs: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1_000, max: 4_000_000 })),
})
const disturbance = fc.record({ kind: small, part: small, place: fc.nat({ max: 1_000 }) })

let shops = 0
const newShop = () => ensureShop(`order-${++shops}.myshopify.com`)

async function take(shopId: number, { sent, externalId, apiVersion }: Arrival): Promise<void> {
  await acceptDelivery(shopId, {
    door: sent.door,
    topic: sent.door === "webhook" ? sent.topic : "events",
    externalId,
    triggeredAt: sent.door === "webhook" ? new Date(sent.atMs) : null,
    apiVersion,
    body: JSON.stringify(sent.body),
  })
}

/** Works off all that waits, also what another transaction stood in the way of. */
async function workOffAll(shopId: number): Promise<void> {
  for (let rounds = 0; rounds < 20; rounds++) {
    await processPending(shopId, 1_000)
    const waiting = await withShopSql(shopId, (client) =>
      client.query(
        "UPDATE inbox SET next_attempt_at = now() - interval '1 second' WHERE shop_id = $1 AND state = 'pending'",
        [shopId],
      ),
    )
    if (waiting.rowCount === 0) return
  }
  throw new Error("A delivery cannot be worked off.")
}

const orderIdsIn = (story: readonly Sent[]) =>
  story.flatMap((sent) =>
    sent.door === "webhook" && sent.topic.startsWith("orders/") && sent.body.id ? String(sent.body.id) : [],
  )

test("duplicate, late, out-of-order, older and partial messages end in the state of one ordered delivery", {
  timeout: 60_000 + RUNS * 10_000,
}, async () => {
  // Recent enough for what a browser tells, which is refused after two days.
  const startMs = Math.floor(Date.now() / 1_000) * 1_000 - 40 * 3_600_000
  const asOf = new Date()
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 8, maxLength: 30 }),
      fc.array(disturbance, { minLength: 5, maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      async (acts, disturbances, batch) => {
        const story = tellStory(acts, startMs)
        const [ordered, disturbed] = [await newShop(), await newShop()]
        for (const [index, sent] of story.entries()) {
          await take(ordered, { sent, externalId: `${index}`, apiVersion: "2026-07" })
          await workOffAll(ordered)
        }
        await updateJourneys(ordered, { asOf })
        const arrivals = disturb(story, disturbances)
        for (let from = 0; from < arrivals.length; from += batch) {
          for (const arrival of arrivals.slice(from, from + batch)) await take(disturbed, arrival)
          await workOffAll(disturbed)
          // Journeys are counted in between, as they are in life.
          if (from % 3 === 0) await updateJourneys(disturbed, { asOf })
        }
        await updateJourneys(disturbed, { asOf })
        const orderIds = orderIdsIn(story)
        expect(await dumpShop(disturbed, orderIds)).toEqual(await dumpShop(ordered, orderIds))
      },
    ),
    { numRuns: RUNS, endOnFailure: process.env.WEBHOOK_ORDER_SHRINK === undefined },
  )
})
