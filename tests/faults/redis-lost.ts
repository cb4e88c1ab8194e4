/** Fault 4: the queue's Redis is killed or emptied while deliveries wait. Jobs are hints: they are given again. */
import { setTimeout as wait } from "node:timers/promises"
import type { Random } from "../support/demo-shop/random.ts"
import type { TestRedis } from "../support/redis.ts"
import type { Bed } from "./bed.ts"
import { checkOrders, untilWorkedOff } from "./check-orders.ts"
import { type Fault, newOutcome, type Outcome } from "./fault.ts"
import { type Ledger, newLedger, tell, told } from "./ledger.ts"
import { orderWebhook } from "./order-webhook.ts"

const RECOVERY_TARGET_MS = 15_000
const GIVE_UP_MS = 900_000
const GIVE_UP_AGAIN_MS = 60_000
const SENDERS = 12
/** Deliveries that come while Redis is lost a second time, and after it. */
const AGAIN = 30

const LOSSES = [
  { injected: "Redis killed, nothing kept", keeps: false, lose: killed },
  { injected: "Redis killed, append-only file", keeps: true, lose: killed },
  { injected: "Redis emptied (FLUSHALL)", keeps: false, lose: (redis: TestRedis) => redis.empty() },
] as const

export const redisLost: Fault = {
  number: 4,
  name: "Redis lost",
  invariant: "the queue is rebuilt from the inbox",
  counts: { small: 300, long: 100_000 },
  run: async (bed, options) => {
    const outcomes: Outcome[] = []
    for (const loss of LOSSES) {
      outcomes.push(await loseRedis(bed, loss, options))
      await bed.clear()
    }
    return outcomes
  },
}

async function loseRedis(
  bed: Bed,
  loss: (typeof LOSSES)[number],
  { count, random, say }: Parameters<Fault["run"]>[1],
): Promise<Outcome> {
  const outcome = newOutcome(4, loss.injected, "losses")
  outcome.recoveryTargetMs = RECOVERY_TARGET_MS
  const shop = await bed.newShop("redis-lost")
  const redis = await bed.startRedis({ keeps: loss.keeps })
  const variables = { REDIS_URL: redis.url }
  const web = await bed.startWeb(variables)
  // A worker that gave its hints to the queue and then went away: they are in Redis alone.
  const first = await bed.startWorker(variables)
  await wait(1_500)
  await first.kill()
  const ledger = newLedger()
  const message = { url: web.url, secret: bed.secret, shop: shop.domain, topic: "orders/create" }
  const send = (from: number, to: number) => sendAll(ledger, message, { from, to, random })
  await send(1, count)
  await loss.lose(redis)
  const lostMs = performance.now()
  await bed.startWorker(variables)
  await untilFirst(bed, shop.shopId)
  const rebuiltMs = performance.now() - lostMs
  outcome.recoveryMs.push(rebuiltMs)
  if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS))) outcome.wrong.push("the inbox was never empty")
  const waited = ledger.acknowledged.size
  const emptyMs = performance.now() - lostMs
  say(
    `${loss.injected}: first job after ${Math.round(rebuiltMs)} ms, ${waited} done after ${Math.round(emptyMs)} ms`,
  )
  const perSecond = waited / ((emptyMs - rebuiltMs) / 1_000)
  outcome.notes.push(
    `${told(ledger)}; hints back after ${(rebuiltMs / 1_000).toFixed(1)} s however many wait; ` +
      `worked off at ${Math.round(perSecond)}/s, 100,000 in ${Math.round(100_000 / perSecond)} s`,
  )
  // Once more, under a worker that lives through it and is not started anew.
  await Promise.all([send(count + 1, count + AGAIN), loss.lose(redis)])
  await send(count + AGAIN + 1, count + 2 * AGAIN)
  if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_AGAIN_MS)))
    outcome.wrong.push("a worker that lived through the loss takes no more jobs")
  const { lost, doubled, wrong } = await checkOrders(bed, shop.shopId, ledger)
  return { ...outcome, trials: 2, lost, doubled, wrong: [...outcome.wrong, ...wrong] }
}

type Numbers = { from: number; to: number; random: Random }

/** One after another from each of a few senders, each until it is acknowledged. */
async function sendAll(
  ledger: Ledger,
  message: { url: string; secret: string; shop: string; topic: string },
  { from, to, random }: Numbers,
): Promise<void> {
  let next = from
  const send = async () => {
    for (let number = next++; number <= to; number = next++) {
      const { orderId, body } = orderWebhook(number, random, Date.now())
      const whole = { ...message, body, orderId, webhookId: `order-${orderId}`, triggeredAtMs: Date.now() }
      while (!(await tell(ledger, whole))) await wait(100)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, send))
}

async function killed(redis: TestRedis): Promise<void> {
  await redis.kill()
  await redis.restart()
}

async function untilFirst(bed: Bed, shopId: number): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (performance.now() < deadline) {
    const { rowCount } = await bed.pool.query(
      "SELECT FROM inbox WHERE shop_id = $1 AND processed_at IS NOT NULL LIMIT 1",
      [shopId],
    )
    if (rowCount) return
    await wait(20)
  }
}
