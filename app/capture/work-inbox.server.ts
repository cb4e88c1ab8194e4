/** Works off the inbox: each delivery once, however often a worker dies over it (claim-deliveries.server.ts). */
import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { inboxKey, open, type ShopKeys, shopKeys } from "../shop/keys.server.ts"
import { applyDeliveries } from "./apply-deliveries.server.ts"
import {
  type Claimed,
  claimFresh,
  claimOne,
  claimSuspect,
  giveBack,
  putOff,
} from "./claim-deliveries.server.ts"
import { bodyPlace, type Door } from "./inbox.server.ts"
import type { Applied, TakenDelivery } from "./taken-delivery.ts"

export type Processed =
  | Applied
  /** To be tried again at `at`. */
  | { outcome: "retry"; at: Date }
  /** Given up after the last attempt. */
  | { outcome: "dead" }
  /** Not pending (any more), not due, or another worker has it. */
  | { outcome: "skipped" }

export type ProcessedCounts = Record<Processed["outcome"], number>

/** One commit for this many; a fresh delivery waits for no more than these. */
const BATCH = 100

/** Works off one delivery that is due. Safe to repeat, and to run in several workers at once. */
export async function processDelivery(shopId: number, deliveryId: bigint): Promise<Processed> {
  await settleOld(shopId)
  const { claimed, dead } = await claimOne(shopId, deliveryId)
  if (dead.length > 0) return { outcome: "dead" }
  const [mine] = claimed
  return mine === undefined ? { outcome: "skipped" } : workOffAlone(shopId, mine.deliveryId)
}

/** Works off up to `limit` fresh deliveries and as many that failed before. @returns how many had each outcome. */
export async function processPending(shopId: number, limit: number): Promise<ProcessedCounts> {
  const counts: ProcessedCounts = { done: 0, dropped: 0, retry: 0, dead: 0, skipped: 0 }
  await settleOld(shopId)
  for (let left = limit; left > 0; ) {
    const { claimed } = await claimFresh(shopId, Math.min(BATCH, left))
    if (claimed.length === 0) break
    for (const group of [claimed.filter(isWebhook), claimed.filter((one) => !isWebhook(one))])
      for (const { outcome } of await workOffTogether(shopId, group)) counts[outcome]++
    left -= claimed.length
  }
  for (let left = limit; left > 0; left--) {
    const { claimed, dead } = await claimSuspect(shopId)
    counts.dead += dead.length
    const [mine] = claimed
    if (mine !== undefined) counts[(await workOffAlone(shopId, mine.deliveryId)).outcome]++
    else if (dead.length === 0) break
  }
  return counts
}

const isWebhook = ({ door }: Claimed) => door === "webhook"

/** Many in one transaction. Where one of them fails nothing is written, and each is worked off alone. */
async function workOffTogether(shopId: number, claimed: readonly Claimed[]): Promise<Processed[]> {
  if (claimed.length === 0) return []
  const deliveryIds = claimed.map(({ deliveryId }) => deliveryId)
  try {
    return await workOff(shopId, deliveryIds)
  } catch (error) {
    log.warn({ shopId, count: claimed.length, reason: reasonOf(error) }, "a batch failed: one by one")
    await settling(shopId, { deliveryIds, reason: null })
  }
  const processed: Processed[] = []
  for (const deliveryId of deliveryIds) processed.push(await processDelivery(shopId, deliveryId))
  return processed
}

async function workOffAlone(shopId: number, deliveryId: bigint): Promise<Processed> {
  try {
    const [processed] = await workOff(shopId, [deliveryId])
    return processed ?? { outcome: "skipped" }
  } catch (error) {
    const reason = reasonOf(error)
    log.warn({ shopId, deliveryId: String(deliveryId), reason }, "a delivery could not be processed")
    const put = await settling(shopId, { deliveryIds: [deliveryId], reason })
    if (!put) return { outcome: "skipped" }
    return put.state === "dead" ? { outcome: "dead" } : { outcome: "retry", at: put.at }
  }
}

/** What went wrong may quote a payload: only its kind is kept. */
function reasonOf(error: unknown): string {
  return error instanceof AppError ? error.code : ((error as { code?: string }).code ?? "internal")
}

type Row = {
  delivery_id: string
  door: Door
  topic: string
  external_id: string
  api_version: string | null
  triggered_at: Date | null
  received_at: Date
  body: Buffer | null
  day: string
}

/**
 * What deliveries change and that they are done are one transaction: a crash in between leaves nothing written. They
 * are claimed, so their locks are waited for: whoever holds one tried to claim it at the same moment, and lets go.
 */
async function workOff(shopId: number, deliveryIds: readonly bigint[]): Promise<Processed[]> {
  const keys = await shopKeys(shopId)
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<Row>(
      `SELECT delivery_id, door, topic, external_id, api_version, triggered_at, received_at, body, key_day::text AS day
       FROM inbox WHERE shop_id = $1 AND delivery_id = ANY ($2) AND state = 'pending'
       ORDER BY delivery_id FOR UPDATE`,
      [shopId, deliveryIds.map(String)],
    )
    if (rows.length === 0) return []
    const taken = await opened(client, shopId, keys, rows)
    const outcomes = await applyDeliveries(client, shopId, keys, taken)
    await close(client, shopId, taken, outcomes)
    return outcomes
  })
}

async function opened(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  rows: readonly Row[],
): Promise<TakenDelivery[]> {
  const keyOfDay = new Map<string, Buffer>()
  const taken: TakenDelivery[] = []
  for (const row of rows) {
    let body: string | null = null
    if (row.body) {
      const key = keyOfDay.get(row.day) ?? (await inboxKey(client, keys, shopId, row.day))
      keyOfDay.set(row.day, key)
      body = open(key, row.body, bodyPlace(shopId, row.door, row.external_id)).toString("utf8")
    }
    taken.push({
      deliveryId: BigInt(row.delivery_id),
      door: row.door,
      topic: row.topic,
      externalId: row.external_id,
      apiVersion: row.api_version,
      triggeredAt: row.triggered_at,
      receivedAt: row.received_at,
      body,
    })
  }
  return taken
}

/** Nobody reads the body of a closed one again, and it may speak of a person who asks to be forgotten. */
async function close(
  client: pg.PoolClient,
  shopId: number,
  taken: readonly TakenDelivery[],
  outcomes: readonly Applied[],
): Promise<void> {
  if (taken.length !== outcomes.length)
    throw new AppError("internal", `Of ${taken.length} deliveries ${outcomes.length} have an outcome.`)
  await client.query(
    `UPDATE inbox i SET state = g.state, reason = g.reason, processed_at = now(), body = NULL,
       lost_workers = greatest(0, i.lost_workers - 1)
     FROM unnest($2::bigint[], $3::text[], $4::text[]) AS g (delivery_id, state, reason)
     WHERE i.shop_id = $1 AND i.delivery_id = g.delivery_id`,
    [
      shopId,
      taken.map(({ deliveryId }) => String(deliveryId)),
      outcomes.map(({ outcome }) => outcome),
      outcomes.map((applied) => (applied.outcome === "dropped" ? applied.reason : null)),
    ],
  )
}

/** What came of a claim; without a reason it is given back as it was. */
type Settlement = { deliveryIds: readonly bigint[]; reason: string | null }

/**
 * Outcomes that the database was not there to take. As long as this process lives they are no lost workers, so they
 * are told before anything else is claimed.
 */
const untold = new Map<number, Settlement[]>()

async function settling(shopId: number, settlement: Settlement) {
  try {
    return await settle(shopId, settlement)
  } catch (error) {
    untold.set(shopId, [...(untold.get(shopId) ?? []), settlement])
    throw error
  }
}

async function settle(shopId: number, { deliveryIds, reason }: Settlement) {
  const [first] = deliveryIds
  if (reason !== null && first !== undefined) return putOff(shopId, first, reason)
  await giveBack(shopId, deliveryIds)
  return null
}

async function settleOld(shopId: number): Promise<void> {
  const owed = untold.get(shopId) ?? []
  untold.delete(shopId)
  const told = await Promise.allSettled(owed.map((settlement) => settling(shopId, settlement)))
  for (const result of told) if (result.status === "rejected") throw result.reason
}
