/** Compares what a client was acknowledged with what the app made of it. */
import { setTimeout as wait } from "node:timers/promises"
import { EVENT_TYPE_CODES } from "../../app/capture/event.ts"
import type { Bed } from "./bed.ts"
import type { Ledger } from "./ledger.ts"

/**
 * Waits until nothing of the shop's that came before `before` waits to be worked off. The database may be away.
 * @returns whether that happened in time
 */
export async function untilWorkedOff(
  bed: Bed,
  shopId: number,
  withinMs: number,
  before = new Date(Date.now() + 86_400_000),
): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    const left = await bed.pool
      .query<{ left: number }>(
        "SELECT count(*)::int AS left FROM inbox WHERE shop_id = $1 AND state = 'pending' AND received_at <= $2",
        [shopId, before],
      )
      .then(
        ({ rows }) => rows[0]?.left,
        () => undefined,
      )
    if (left === 0) return true
    await wait(50)
  }
  return false
}

export type Checked = { lost: number; doubled: number; wrong: string[] }

/** Every acknowledged order is one done delivery, one record and one purchase; no order is more than one. */
export async function checkOrders(bed: Bed, shopId: number, ledger: Ledger): Promise<Checked> {
  const webhookIds = [...ledger.acknowledged.keys()]
  const orders = [...ledger.acknowledged.values()].map(({ orderId }) => orderId)
  const { rows } = await bed.pool.query<
    Record<"undelivered" | "unrecorded" | "unsold" | "doubled" | "made_up", number>
  >(
    `WITH sales AS (
       SELECT order_ref, count(*) AS times FROM events WHERE shop_id = $1 AND type = $5 GROUP BY order_ref
     )
     SELECT
       (SELECT count(*) FROM unnest($2::text[]) AS g (id) WHERE NOT EXISTS (
         SELECT FROM inbox i WHERE i.shop_id = $1 AND i.door = 'webhook' AND i.external_id = g.id AND i.state = 'done'
       ))::int AS undelivered,
       (SELECT count(*) FROM unnest($3::text[]) AS g (id) WHERE NOT EXISTS (
         SELECT FROM shop_records r WHERE r.shop_id = $1 AND r.kind = 'order' AND r.record_key = g.id
       ))::int AS unrecorded,
       (SELECT count(*) FROM unnest($3::text[]) AS g (id) WHERE NOT EXISTS (
         SELECT FROM sales WHERE order_ref = g.id
       ))::int AS unsold,
       (SELECT coalesce(sum(times - 1), 0) FROM sales)::int AS doubled,
       (SELECT count(*) FROM sales WHERE order_ref <> ALL ($4))::int AS made_up`,
    [shopId, webhookIds, orders, [...ledger.sent], EVENT_TYPE_CODES.purchase],
  )
  const [found] = rows
  if (!found) throw new TypeError("The database counted nothing.")
  const { undelivered, unrecorded, unsold, doubled, made_up } = found
  const wrong = made_up > 0 ? [`${made_up} orders that nobody sent`] : []
  return { lost: Math.max(undelivered, unrecorded, unsold), doubled, wrong }
}
