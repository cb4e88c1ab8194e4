/**
 * Fault 2: a delivery that kills whoever works on it. The product has no such delivery to offer, so the runner plays
 * the poison: it holds a row that this delivery alone needs, waits until a worker stands in front of it with the
 * delivery in hand, kills the worker, and lets the row go.
 */
import { setTimeout as wait } from "node:timers/promises"
import type pg from "pg"
import { productPayload } from "../support/webhook-payloads.ts"
import type { Bed, BedShop, Running } from "./bed.ts"
import { checkOrders, untilWorkedOff } from "./check-orders.ts"
import { type Fault, newOutcome } from "./fault.ts"
import { newLedger, tell, told } from "./ledger.ts"
import { startTraffic } from "./traffic.ts"

const GIVE_UP_MS = 90_000
const DEATHS = 3
const POISON_PRODUCT = 8_900_000

export const poisonDelivery: Fault = {
  number: 2,
  name: "poison delivery",
  invariant: "dead after it killed three workers, the others go on",
  counts: { small: 1, long: 3 },
  run: async (bed, { count, random, say }) => {
    const outcome = newOutcome(2, "delivery that kills its worker", "poisons")
    const web = await bed.startWeb()
    for (; outcome.trials < count; outcome.trials++) {
      const shop = await bed.newShop("poison")
      const traffic = startTraffic(shop, { url: web.url, secret: bed.secret, perSecond: 15, random })
      const dead = await poison(bed, shop, web.url, say)
      await traffic.stop()
      if (dead !== null) outcome.wrong.push(dead)
      const worker = await bed.startWorker()
      if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS))) outcome.wrong.push("others are stranded")
      await worker.stop()
      const checked = await checkOrders(bed, shop.shopId, traffic.ledger)
      outcome.lost += checked.lost
      outcome.doubled += checked.doubled
      outcome.wrong.push(...checked.wrong)
      outcome.notes.push(`${told(traffic.ledger)}, stranded ${checked.lost}`)
    }
    return [outcome]
  },
}

/** @returns what went otherwise than it must, or null */
async function poison(
  bed: Bed,
  shop: BedShop,
  url: string,
  say: (text: string) => void,
): Promise<string | null> {
  const send = (version: number) => {
    const body = JSON.stringify(productPayload(POISON_PRODUCT, Date.now(), { title: `Version ${version}` }))
    const webhookId = `poison-${version}`
    const message = { url, secret: bed.secret, shop: shop.domain, topic: "products/update", body, webhookId }
    return tell(newLedger(), { ...message, orderId: "", triggeredAtMs: Date.now() })
  }
  let worker: Running = await bed.startWorker()
  await send(1)
  if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS, new Date())))
    return "nothing was worked off at all"
  let holder = await hold(bed, shop.shopId)
  await send(2)
  for (let death = 1; death <= DEATHS; death++) {
    if (!(await untilStopped(bed))) return `no worker came to the poison for death ${death}`
    await worker.kill()
    say(`worker killed over it, ${death} of ${DEATHS}`)
    await letGo(holder)
    // The dead worker's connection still wants the row, until its server process notices who is gone.
    while (await isStopped(bed)) await wait(10)
    if (death < DEATHS) holder = await hold(bed, shop.shopId)
    worker = await bed.startWorker()
  }
  await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS, new Date())
  await worker.stop()
  const { rows } = await bed.pool.query(
    "SELECT state, reason, lost_workers AS lost FROM inbox WHERE shop_id = $1 AND external_id = $2",
    [shop.shopId, "poison-2"],
  )
  const came = JSON.stringify(rows[0])
  const expected = JSON.stringify({ state: "dead", reason: "worker_lost", lost: DEATHS })
  return came === expected ? null : `expected ${expected}, came ${came}`
}

/** Keeps the poison's record from whoever wants to change it. */
async function hold(bed: Bed, shopId: number): Promise<pg.PoolClient> {
  const client = await bed.pool.connect()
  await client.query("BEGIN")
  const { rowCount } = await client.query(
    "SELECT FROM shop_records WHERE shop_id = $1 AND kind = 'product' AND record_key = $2 FOR UPDATE",
    [shopId, String(POISON_PRODUCT)],
  )
  if (rowCount !== 1) throw new Error("Expected the poison's record, found none.")
  return client
}

async function letGo(client: pg.PoolClient): Promise<void> {
  await client.query("ROLLBACK")
  client.release()
}

/** Waits until somebody waits for the held row. */
async function untilStopped(bed: Bed): Promise<boolean> {
  const deadline = performance.now() + GIVE_UP_MS
  while (performance.now() < deadline) {
    if (await isStopped(bed)) return true
    await wait(10)
  }
  return false
}

async function isStopped(bed: Bed): Promise<boolean> {
  const { rowCount } = await bed.pool.query(
    `SELECT FROM pg_stat_activity WHERE usename = 'throughline_serving' AND wait_event_type = 'Lock'
       AND query LIKE '%shop_records%'`,
  )
  return rowCount !== 0
}
