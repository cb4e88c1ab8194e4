import type pg from "pg"
import { z } from "zod"
import type { BgNbdParameters } from "./p-alive.ts"
import { epochMs } from "./session-rows.server.ts"

export type JourneyState = { bgnbd: BgNbdParameters | null; agedMs: number | null }

const parameters = z.object({
  r: z.number().positive(),
  alpha: z.number().positive(),
  a: z.number().positive(),
  b: z.number().positive(),
})

/** What the shop's journeys are counted with. */
export async function journeyState(client: pg.PoolClient, shopId: number): Promise<JourneyState> {
  const { rows } = await client.query<{ bgnbd: unknown; aged_ms: number | null }>(
    `SELECT bgnbd, ${epochMs("aged_at")} AS aged_ms FROM journey_state WHERE shop_id = $1`,
    [shopId],
  )
  const [row] = rows
  return { bgnbd: row?.bgnbd ? parameters.parse(row.bgnbd) : null, agedMs: row?.aged_ms ?? null }
}

/** Other parameters label every visit anew, so they mark all shoppers. Needs the shop's journey lock. */
export async function setBgNbd(
  client: pg.PoolClient,
  shopId: number,
  bgnbd: BgNbdParameters | null,
): Promise<void> {
  const given = bgnbd === null ? null : JSON.stringify(parameters.parse(bgnbd))
  const { rowCount } = await client.query(
    `INSERT INTO journey_state AS s (shop_id, bgnbd) VALUES ($1, $2::jsonb)
     ON CONFLICT (shop_id) DO UPDATE SET bgnbd = excluded.bgnbd, aged_at = NULL
     WHERE s.bgnbd IS DISTINCT FROM excluded.bgnbd`,
    [shopId, given],
  )
  if (rowCount) await markAllDirty(client, shopId)
}

/** Every shopper, from the beginning. */
export async function markAllDirty(client: pg.PoolClient, shopId: number): Promise<void> {
  await client.query(
    `INSERT INTO dirty_shoppers AS d (shop_id, shopper_id, since)
     SELECT shop_id, shopper_id, 'epoch' FROM shoppers WHERE shop_id = $1
     ON CONFLICT (shop_id, shopper_id) DO UPDATE SET since = LEAST(d.since, excluded.since)`,
    [shopId],
  )
}
