/**
 * Silence counts too: a journey without a visit for 30 days is abandoned, and a customer who does not come moves on
 * in the lifecycle. No event tells this, so it is looked after once a day.
 */
import { withShopSql } from "../db.server.ts"
import { withJourneyLock } from "./journey-lock.server.ts"
import { writeStandings } from "./journey-rows.server.ts"
import { journeyState } from "./journey-state.server.ts"
import { JOURNEY_SILENCE_DAYS } from "./journeys.ts"
import { lifecycleOf } from "./lifecycle.ts"

export const AGEING_INTERVAL_MS = 86_400_000

const BATCH_CUSTOMERS = 5_000

/** Safe to run from several processes at once. */
export async function ageJourneys(shopId: number, { asOf }: { asOf: Date }): Promise<void> {
  await withJourneyLock(shopId, (client) =>
    client.query(
      `UPDATE journeys SET outcome = 'abandoned'
       WHERE shop_id = $1 AND outcome = 'open' AND ended_at < $2::timestamptz - make_interval(days => $3)`,
      [shopId, asOf, JOURNEY_SILENCE_DAYS],
    ),
  )
  let after = "0"
  for (;;) {
    const last = await withJourneyLock(shopId, async (client) => {
      const { bgnbd } = await journeyState(client, shopId)
      const { rows } = await client.query<{ person_id: string; bot: boolean; purchases: number[] }>(
        `SELECT v.shopper_id AS person_id, bool_or(v.bot) AS bot,
           array_agg((extract(epoch FROM v.purchased_at) * 1000)::float8 ORDER BY v.purchased_at) AS purchases
         FROM sessions v
         WHERE v.shop_id = $1 AND v.purchased_at <= $2 AND v.shopper_id > $3
         GROUP BY v.shopper_id ORDER BY v.shopper_id LIMIT $4`,
        [shopId, asOf, after, BATCH_CUSTOMERS],
      )
      const asOfMs = asOf.getTime()
      await writeStandings(
        client,
        shopId,
        rows.map(({ person_id, bot, purchases }) => ({
          personId: person_id,
          bot,
          lifecycle: lifecycleOf(purchases, asOfMs, bgnbd),
        })),
      )
      return rows.at(-1)?.person_id
    })
    if (last === undefined) break
    after = last
  }
  await withShopSql(shopId, (client) =>
    client.query(
      `INSERT INTO journey_state (shop_id, aged_at) VALUES ($1, $2)
       ON CONFLICT (shop_id) DO UPDATE SET aged_at = excluded.aged_at`,
      [shopId, asOf],
    ),
  )
}
