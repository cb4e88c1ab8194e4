/**
 * Fault 5: a shop's messages come twice, late and in any order. What stands at the end must be what stands when each
 * comes once, in order, and is worked off before the next. Both are told to one shop, one after the other: only then
 * are keyed hashes comparable.
 */

import { acceptDelivery } from "../../app/capture/inbox.server.ts"
import { processDelivery } from "../../app/capture/work-inbox.server.ts"
import { runUpdateJourneys } from "../../app/jobs/update-journeys.ts"
import { type CanonicalShopState, canonicalShopState } from "../support/canonical-shop-state.ts"
import type { Random } from "../support/demo-shop/random.ts"
import type { Bed, BedShop } from "./bed.ts"
import { untilWorkedOff } from "./check-orders.ts"
import { type Fault, newOutcome } from "./fault.ts"
import { newLedger, tell } from "./ledger.ts"
import { shopDays, type ToldMessage } from "./shop-days.ts"
import { shopTables } from "./shop-tables.ts"

const GIVE_UP_MS = 3_600_000
const DUPLICATES = 0.3
const LATE_MS = 86_400_000
const SENDERS = 12

export const lateWebhooks: Fault = {
  number: 5,
  name: "webhooks doubled, shuffled and late",
  invariant: "the state equals the ordered single replay",
  counts: { small: 1_500, long: 100_000 },
  run: async (bed, { count, random, say }) => {
    const outcome = newOutcome(5, "30 % doubled, shuffled, up to 24 h late", "webhooks")
    const shop = await bed.newShop("late")
    const messages = shopDays(count, random, Date.now() - 60_000)
    const deliveries = shuffled(messages, random)

    const web = await bed.startWeb()
    const worker = await bed.startWorker()
    const startedMs = performance.now()
    outcome.wrong.push(...(await deliver(deliveries, shop, web.url, bed.secret)))
    say(`${deliveries.length} deliveries acknowledged after ${seconds(startedMs)} s`)
    if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS))) outcome.wrong.push("the inbox was never empty")
    outcome.notes.push(`${deliveries.length} deliveries sent and worked off in ${seconds(startedMs)} s`)
    await worker.stop()
    await web.stop()
    outcome.wrong.push(...(await unfinished(bed, shop.shopId)))
    const came = await settled(shop.shopId)

    await forget(bed, shop.shopId)
    const replayedMs = performance.now()
    for (const message of messages) await workOffAtOnce(shop.shopId, message)
    outcome.notes.push(`replayed in order, one at a time, in ${seconds(replayedMs)} s`)
    const expected = await settled(shop.shopId)

    const differences = difference(came, expected)
    outcome.lost = differences.missing.length
    outcome.doubled = differences.extra.length
    outcome.wrong.push(...[...differences.missing, ...differences.extra].slice(0, 6))
    outcome.notes.push(`compared: ${sizes(expected)}`)
    return [{ ...outcome, trials: deliveries.length }]
  },
}

const seconds = (sinceMs: number) => Math.round((performance.now() - sinceMs) / 1_000)

/** Each when it happened or up to a day later, some of them a second time. */
function shuffled(messages: readonly ToldMessage[], random: Random): ToldMessage[] {
  return messages
    .flatMap((message) => (random.chance(DUPLICATES) ? [message, message] : [message]))
    .map((message) => ({ message, arrivalMs: message.triggeredAtMs + random.between(0, LATE_MS) }))
    .sort((a, b) => a.arrivalMs - b.arrivalMs)
    .map(({ message }) => message)
}

/** @returns what was never acknowledged */
async function deliver(
  messages: readonly ToldMessage[],
  shop: BedShop,
  url: string,
  secret: string,
): Promise<string[]> {
  const ledger = newLedger()
  const refused: string[] = []
  let next = 0
  const send = async () => {
    for (let message = messages[next++]; message; message = messages[next++]) {
      const acknowledged = await tell(ledger, { ...message, url, secret, shop: shop.domain, orderId: "" })
      if (!acknowledged) refused.push(`${message.topic} was not acknowledged`)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
  return refused
}

async function unfinished(bed: Bed, shopId: number): Promise<string[]> {
  const { rows } = await bed.pool.query<{ words: string }>(
    `SELECT count(*) || ' ' || topic || ' ' || state || ' ' || coalesce(reason, '') AS words FROM inbox
     WHERE shop_id = $1 AND state <> 'done' GROUP BY topic, state, reason`,
    [shopId],
  )
  return rows.map(({ words }) => words)
}

/** The state after journeys were recounted: how often that ran meanwhile must make no difference either. */
async function settled(shopId: number): Promise<CanonicalShopState> {
  await runUpdateJourneys(shopId)
  return canonicalShopState(shopId)
}

/** Everything of the shop but itself, its keys and its schedules. */
async function forget(bed: Bed, shopId: number): Promise<void> {
  const kept = ["public.shops", "vault.shop_keys", "public.schedules"]
  for (const name of await shopTables(bed))
    if (!kept.includes(name)) await bed.pool.query(`DELETE FROM ${name} WHERE shop_id = $1`, [shopId])
}

async function workOffAtOnce(shopId: number, message: ToldMessage): Promise<void> {
  const { topic, body, webhookId: externalId, triggeredAtMs } = message
  const triggeredAt = new Date(triggeredAtMs)
  const given = { door: "webhook", topic, body, externalId, triggeredAt, apiVersion: "2026-07" } as const
  const { deliveryId } = await acceptDelivery(shopId, given)
  const { outcome } = await processDelivery(shopId, deliveryId)
  if (outcome !== "done") throw new Error(`${topic} ended ${outcome} in the ordered replay`)
}

function difference(came: CanonicalShopState, expected: CanonicalShopState) {
  const lines = (state: CanonicalShopState) =>
    Object.entries(state).flatMap(([part, all]) => all.map((line) => `${part} ${line}`))
  const [have, want] = [new Set(lines(came)), new Set(lines(expected))]
  return {
    missing: [...want].filter((line) => !have.has(line)).map((line) => `missing: ${line}`),
    extra: [...have].filter((line) => !want.has(line)).map((line) => `not so in order: ${line}`),
  }
}

function sizes(state: CanonicalShopState): string {
  return Object.entries(state)
    .map(([part, all]) => `${all.length} ${part}`)
    .join(", ")
}
