/** Fault 14: one shop's credentials at every route, for the other shop's things; and every job of one beside the other. */

import { setTimeout as wait } from "node:timers/promises"
import { processInbox } from "../../app/jobs/process-inbox.ts"
import { answerTable, attackRoutes } from "../security/attacks/attack-routes.ts"
import { type MarkedShop, markShop } from "../security/attacks/marked-shop.ts"
import { startSimulatedAdmins } from "../security/attacks/simulated-admins.ts"
import type { Bed } from "./bed.ts"
import { type Fault, newOutcome, type Outcome } from "./fault.ts"
import { shopDigests } from "./shop-tables.ts"

export const twoShops: Fault = {
  number: 14,
  name: "two shops at every route",
  invariant: "nothing of one shop in any answer to another, and no 5xx",
  counts: { small: 1, long: 10 },
  run: async (bed, { count, say, table }) => {
    const outcome = newOutcome(14, "two shops × every route and attack", "requests")
    const secrets = { apiKey: bed.apiKey, secret: bed.secret }
    const shops = [await markShop("one", 1, secrets), await markShop("two", 2, secrets)] as const
    const admins = await startSimulatedAdmins(shops.map(({ state }) => state))
    try {
      const web = await bed.startWeb({ SIMULATED_SHOP_URL: admins.url })
      for (let round = 0; round < count; round++)
        for (const [shop, other] of [shops, [shops[1], shops[0]] as const]) {
          const answers = await attackRoutes({ url: web.url, secret: bed.secret, shop, other })
          outcome.trials += answers.length
          for (const { file, attack, status, words, leaks } of answers) {
            outcome.leaked += leaks.length
            if (leaks.length > 0) outcome.wrong.push(`${file}, ${attack}: ${words} shows ${leaks.join(", ")}`)
            if (status >= 500) outcome.wrong.push(`${file}, ${attack}: ${words}`)
          }
          if (round === 0) table?.(answerTable(answers))
          say(`${answers.length} requests in the name of ${shop.domain}`)
        }
      return [outcome, await everyJob(bed, shops, admins.url)]
    } finally {
      await admins.close()
    }
  },
}

const JOBS_WITHIN_MS = 120_000

/** Runs every job of one shop, and looks whether a single row of the other one is not as it was. */
async function everyJob(
  bed: Bed,
  [shop, other]: readonly [MarkedShop, MarkedShop],
  url: string,
): Promise<Outcome> {
  const outcome = newOutcome(14, "two shops × every job", "jobs")
  const { pool } = bed
  // Else the other one's own jobs would change it: what its deliveries say stands before, and most end here.
  await processInbox(other.shopId)
  await pool.query("UPDATE shops SET uninstalled_at = now() WHERE shop_id = $1", [other.shopId])
  const left = "SELECT job FROM schedules WHERE shop_id = $1 AND last_run_at IS NULL"
  const before = await shopDigests(bed, other.shopId)
  const worker = await bed.startWorker({ SIMULATED_SHOP_URL: url })
  const deadline = performance.now() + JOBS_WITHIN_MS
  const ran = async () =>
    (await pool.query("SELECT FROM schedules WHERE shop_id = $1", [shop.shopId])).rowCount ?? 0
  while (performance.now() < deadline) {
    if ((await ran()) > 0 && (await pool.query(left, [shop.shopId])).rowCount === 0) break
    await wait(100)
  }
  await worker.stop()
  const { rows } = await pool.query<{ job: string }>(left, [shop.shopId])
  outcome.wrong.push(...rows.map(({ job }) => `${job} did not run`))
  outcome.trials = await ran()
  const after = await shopDigests(bed, other.shopId)
  // Its own privacy jobs still run after an uninstall, and say so there.
  for (const [table, digest] of after)
    if (digest !== before.get(table) && table !== "public.schedules") {
      outcome.leaked++
      outcome.wrong.push(`${table} of the other shop: ${before.get(table)} became ${digest}`)
    }
  return outcome
}
