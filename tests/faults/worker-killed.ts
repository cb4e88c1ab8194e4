/** Fault 1: the worker is killed in the middle of a job, again and again under load, on either queue. */
import { setTimeout as wait } from "node:timers/promises"
import type { Random } from "../support/demo-shop/random.ts"
import type { Bed, Running } from "./bed.ts"
import { checkOrders, untilWorkedOff } from "./check-orders.ts"
import { type Fault, newOutcome, type Outcome } from "./fault.ts"
import { told } from "./ledger.ts"
import { startTraffic } from "./traffic.ts"

const RECOVERY_TARGET_MS = 15_000
const GIVE_UP_MS = 90_000

export const workerKilled: Fault = {
  number: 1,
  name: "worker killed in mid-job",
  invariant: "every acknowledged event applied once",
  counts: { small: 2, long: 200 },
  run: async (bed, { count, random, say }) => {
    const outcomes: Outcome[] = []
    for (const queue of ["postgres", "redis"] as const) {
      outcomes.push(await killAgainAndAgain(bed, queue, count, random, say))
      await bed.clear()
    }
    return outcomes
  },
}

async function killAgainAndAgain(
  bed: Bed,
  queue: "postgres" | "redis",
  count: number,
  random: Random,
  say: (text: string) => void,
): Promise<Outcome> {
  const outcome = newOutcome(1, `worker killed in mid-job (${queue} queue)`, "kills")
  outcome.recoveryTargetMs = RECOVERY_TARGET_MS
  const shop = await bed.newShop(`worker-killed-${queue}`)
  const variables: Record<string, string> =
    queue === "redis" ? { REDIS_URL: (await bed.startRedis()).url } : {}
  const web = await bed.startWeb(variables)
  let worker: Running = await bed.startWorker(variables)
  const traffic = startTraffic(shop, { url: web.url, secret: bed.secret, perSecond: 40, random })
  for (; outcome.trials < count; outcome.trials++) {
    const inHand = await untilInHand(bed, shop.shopId, random)
    await worker.kill()
    const killedAt = new Date()
    const killedMs = performance.now()
    if (!inHand) {
      outcome.wrong.push("no job took up the deliveries")
      break
    }
    // What a supervisor does.
    worker = await bed.startWorker(variables)
    if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS, killedAt))) {
      outcome.wrong.push(`not recovered within ${GIVE_UP_MS / 1_000} s of a kill`)
      break
    }
    outcome.recoveryMs.push(performance.now() - killedMs)
    say(
      `kill ${outcome.trials + 1} of ${count}: recovered after ${Math.round(performance.now() - killedMs)} ms`,
    )
  }
  await traffic.stop()
  if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS))) outcome.wrong.push("the inbox was never empty")
  const { lost, doubled, wrong } = await checkOrders(bed, shop.shopId, traffic.ledger)
  outcome.notes.push(told(traffic.ledger))
  return { ...outcome, lost, doubled, wrong: [...outcome.wrong, ...wrong] }
}

/** Waits until a worker has claimed deliveries and is not through with them. */
async function untilInHand(bed: Bed, shopId: number, random: Random): Promise<boolean> {
  const deadline = performance.now() + GIVE_UP_MS
  // Not always at the first moment: a kill must meet every part of a job.
  await wait(random.between(0, 500))
  while (performance.now() < deadline) {
    const { rowCount } = await bed.pool.query(
      "SELECT FROM inbox WHERE shop_id = $1 AND state = 'pending' AND lost_workers > 0 LIMIT 1",
      [shopId],
    )
    if (rowCount) return true
    await wait(2)
  }
  return false
}
