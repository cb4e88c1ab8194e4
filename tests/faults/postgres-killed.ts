/** Fault 3: PostgreSQL, and with it all its processes, is killed under load; what was acknowledged must be there. */
import { setTimeout as wait } from "node:timers/promises"
import type { Bed } from "./bed.ts"
import { checkOrders, untilWorkedOff } from "./check-orders.ts"
import { type Fault, newOutcome } from "./fault.ts"
import { type Ledger, told } from "./ledger.ts"
import { startTraffic } from "./traffic.ts"

const RECOVERY_TARGET_MS = 15_000
const GIVE_UP_MS = 90_000

export const postgresKilled: Fault = {
  number: 3,
  name: "PostgreSQL killed under load",
  invariant: "acknowledged means durable",
  counts: { small: 3, long: 100 },
  run: async (bed, { count, random, say }) => {
    const outcome = newOutcome(3, "PostgreSQL killed under load", "kills")
    outcome.recoveryTargetMs = RECOVERY_TARGET_MS
    const shop = await bed.newShop("postgres-killed")
    const web = await bed.startWeb()
    await bed.startWorker()
    const traffic = startTraffic(shop, { url: web.url, secret: bed.secret, perSecond: 60, random })
    const { ledger } = traffic
    for (; outcome.trials < count; outcome.trials++) {
      await wait(random.between(500, 2_500))
      await bed.killPostgres()
      // Long enough for a few messages to be refused.
      await wait(random.between(100, 600))
      const before = ledger.acknowledged.size
      const backMs = performance.now()
      await bed.restartPostgres()
      const durable = await areStored(bed, shop.shopId, ledger)
      outcome.lost += durable.missing
      // The web process was not restarted: it finds the database again by itself.
      if (!(await untilMore(ledger, before))) {
        outcome.wrong.push(`nothing was acknowledged within ${GIVE_UP_MS / 1_000} s of the database's return`)
        break
      }
      outcome.recoveryMs.push(performance.now() - backMs)
      say(
        `kill ${outcome.trials + 1} of ${count}: acknowledging again after ${Math.round(performance.now() - backMs)} ms`,
      )
    }
    await traffic.stop()
    if (!(await untilWorkedOff(bed, shop.shopId, GIVE_UP_MS))) outcome.wrong.push("the inbox was never empty")
    const checked = await checkOrders(bed, shop.shopId, ledger)
    const refused = [...ledger.refusals.keys()].filter(
      (status) => status !== "none" && !status.startsWith("5"),
    )
    if (refused.length > 0) outcome.wrong.push(`answered ${refused.join(", ")} while the database was away`)
    outcome.notes.push(told(ledger))
    return [
      {
        ...outcome,
        lost: Math.max(outcome.lost, checked.lost),
        doubled: checked.doubled,
        wrong: [...outcome.wrong, ...checked.wrong],
      },
    ]
  },
}

/** Whether every delivery that was acknowledged up to now is in the inbox, whatever became of it. */
async function areStored(bed: Bed, shopId: number, ledger: Ledger): Promise<{ missing: number }> {
  const { rows } = await bed.pool.query<{ missing: number }>(
    `SELECT count(*)::int AS missing FROM unnest($2::text[]) AS g (id)
     WHERE NOT EXISTS (SELECT FROM inbox WHERE shop_id = $1 AND door = 'webhook' AND external_id = g.id)`,
    [shopId, [...ledger.acknowledged.keys()]],
  )
  return { missing: rows[0]?.missing ?? 0 }
}

async function untilMore(ledger: Ledger, than: number): Promise<boolean> {
  const deadline = performance.now() + GIVE_UP_MS
  while (performance.now() < deadline) {
    if (ledger.acknowledged.size > than) return true
    await wait(10)
  }
  return false
}
