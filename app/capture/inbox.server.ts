/**
 * The inbox: a delivery is on disk before it is acknowledged, and is worked off afterwards, any number of times with
 * the same result. Its row is the truth about it: pending → done, dropped (with a reason), or dead after the last
 * attempt. A queued job is only a hint to look. Bodies are sealed under a key of their shop and day.
 */
import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { log } from "../log.server.ts"
import { inboxKey, open, type ShopKeys, seal, shopKeys } from "../shop/keys.server.ts"
import { appendEvents } from "./append-events.server.ts"
import { type DropReason, parseDoorPayload } from "./door-payload.ts"

export type Door = "webhook" | "pixel" | "block"

export type Delivery = {
  door: Door
  topic: string
  /** The sender's own id of this delivery: the same one again is a duplicate. */
  externalId: string
  triggeredAt: Date | null
  body: string | Uint8Array
}

const MAX_BODY_BYTES = 1 << 20

/** Retries take about half a day in all: after 2 s, 4 s, … at most an hour apart. */
const MAX_ATTEMPTS = 20
const LONGEST_BACK_OFF_S = 3_600

/** The sender's id, so that the body can be sealed before its row has a number. */
const bodyPlace = (shopId: number, door: Door, externalId: string) => `inbox/${shopId}/${door}/${externalId}`

/**
 * Takes a delivery in. When it returns, the delivery is on disk: only then may the sender be told.
 * @throws AppError `too_large` over 1 MiB
 */
export async function acceptDelivery(
  shopId: number,
  delivery: Delivery,
): Promise<{ deliveryId: bigint; duplicate: boolean }> {
  const { door, topic, externalId, triggeredAt, body } = delivery
  if (Buffer.byteLength(body) > MAX_BODY_BYTES)
    throw new AppError(
      "too_large",
      `A delivery may have ${MAX_BODY_BYTES} bytes, this one has more. Send less at once.`,
    )
  const keys = await shopKeys(shopId)
  const receivedAt = new Date()
  const day = receivedAt.toISOString().slice(0, 10)
  return withShopSql(shopId, async (client) => {
    const key = await inboxKey(client, keys, shopId, day)
    const sealed = seal(key, body, bodyPlace(shopId, door, externalId))
    const { rows } = await client.query<{ delivery_id: string }>(
      `INSERT INTO inbox (shop_id, door, topic, external_id, triggered_at, received_at, body, key_day)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (shop_id, door, external_id) DO NOTHING
       RETURNING delivery_id`,
      [shopId, door, topic, externalId, triggeredAt, receivedAt, sealed, day],
    )
    if (rows[0]) return { deliveryId: BigInt(rows[0].delivery_id), duplicate: false }
    const there = await client.query<{ delivery_id: string }>(
      "SELECT delivery_id FROM inbox WHERE shop_id = $1 AND door = $2 AND external_id = $3",
      [shopId, door, externalId],
    )
    if (!there.rows[0])
      throw new AppError("internal", `A delivery at the door ${door} was neither stored nor found.`)
    return { deliveryId: BigInt(there.rows[0].delivery_id), duplicate: true }
  })
}

export type Processed =
  | { outcome: "done"; added: number }
  | { outcome: "dropped"; reason: DropReason }
  /** To be tried again at `at`. */
  | { outcome: "retry"; at: Date }
  /** Given up after the last attempt. */
  | { outcome: "dead" }
  /** Not pending (any more), or another worker has it. */
  | { outcome: "skipped" }

type InboxRow = {
  door: Door
  topic: string
  external_id: string
  received_at: Date
  body: Buffer | null
  day: string
}

/** Works off one delivery. Safe to repeat, and to run in several workers at once. */
export async function processDelivery(shopId: number, deliveryId: bigint): Promise<Processed> {
  const keys = await shopKeys(shopId)
  try {
    return await withShopSql(shopId, (client) => workOff(client, shopId, keys, deliveryId))
  } catch (error) {
    // What went wrong may quote a payload: only its kind is kept.
    const reason = error instanceof AppError ? error.code : ((error as { code?: string }).code ?? "internal")
    log.warn({ shopId, deliveryId: String(deliveryId), reason }, "a delivery could not be processed")
    return putOff(shopId, deliveryId, reason)
  }
}

/** What it changes and that it is done are one transaction: a crash in between leaves it pending and nothing written. */
async function workOff(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  deliveryId: bigint,
): Promise<Processed> {
  const { rows } = await client.query<InboxRow>(
    `SELECT door, topic, external_id, received_at, body, key_day::text AS day FROM inbox
     WHERE shop_id = $1 AND delivery_id = $2 AND state = 'pending' FOR UPDATE SKIP LOCKED`,
    [shopId, deliveryId],
  )
  const [row] = rows
  if (!row) return { outcome: "skipped" }
  const drop = async (reason: DropReason): Promise<Processed> => {
    await countDrops(client, shopId, reason, 1)
    return close(client, shopId, deliveryId, reason)
  }
  if (row.door === "webhook" || row.topic !== "events") return drop("unhandled_topic")
  if (!row.body) return drop("body_destroyed")
  const key = await inboxKey(client, keys, shopId, row.day)
  const body = open(key, row.body, bodyPlace(shopId, row.door, row.external_id)).toString("utf8")
  const parsed = parseDoorPayload(row.door, body, row.received_at.getTime())
  if (typeof parsed === "string") return drop(parsed)
  const origin = { names: parsed.names, unknownItems: "drop" } as const
  const appended = await appendEvents(client, shopId, keys, parsed.events, row.received_at, origin)
  await countDrops(client, shopId, "bad_time", parsed.badTime)
  await countDrops(client, shopId, "unknown_item", appended.unknownItem)
  if (parsed.events.length === appended.unknownItem)
    return close(client, shopId, deliveryId, appended.unknownItem > 0 ? "unknown_item" : "bad_time")
  await client.query(
    "UPDATE inbox SET state = 'done', reason = NULL, processed_at = now() WHERE shop_id = $1 AND delivery_id = $2",
    [shopId, deliveryId],
  )
  return { outcome: "done", added: appended.added }
}

async function close(
  client: pg.PoolClient,
  shopId: number,
  deliveryId: bigint,
  reason: DropReason,
): Promise<Processed> {
  await client.query(
    "UPDATE inbox SET state = 'dropped', reason = $3, processed_at = now() WHERE shop_id = $1 AND delivery_id = $2",
    [shopId, deliveryId, reason],
  )
  return { outcome: "dropped", reason }
}

/** What was dropped, by reason and day, for the admin. */
async function countDrops(
  client: pg.PoolClient,
  shopId: number,
  reason: DropReason,
  count: number,
): Promise<void> {
  if (count === 0) return
  await client.query(
    `INSERT INTO counters (shop_id, name, day, count) VALUES ($1, $2, (now() AT TIME ZONE 'UTC')::date, $3)
     ON CONFLICT (shop_id, name, day) DO UPDATE SET count = counters.count + excluded.count`,
    [shopId, `drop:${reason}`, count],
  )
}

async function putOff(shopId: number, deliveryId: bigint, reason: string): Promise<Processed> {
  return withShopSql(shopId, async (client) => {
    const { rows } = await client.query<{ state: string; next_attempt_at: Date }>(
      `UPDATE inbox SET attempts = attempts + 1, reason = $3,
         state = CASE WHEN attempts + 1 >= $4 THEN 'dead' ELSE 'pending' END,
         next_attempt_at = now() + least($5, power(2, attempts + 1)) * interval '1 second'
       WHERE shop_id = $1 AND delivery_id = $2 AND state = 'pending' RETURNING state, next_attempt_at`,
      [shopId, deliveryId, reason, MAX_ATTEMPTS, LONGEST_BACK_OFF_S],
    )
    const [row] = rows
    if (!row) return { outcome: "skipped" }
    return row.state === "dead" ? { outcome: "dead" } : { outcome: "retry", at: row.next_attempt_at }
  })
}

/** Works off deliveries that are due, oldest first. @returns how many had each outcome. */
export async function processPending(
  shopId: number,
  limit: number,
): Promise<Record<Processed["outcome"], number>> {
  const counts = { done: 0, dropped: 0, retry: 0, dead: 0, skipped: 0 }
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ delivery_id: string }>(
      `SELECT delivery_id FROM inbox WHERE shop_id = $1 AND state = 'pending' AND next_attempt_at <= now()
       ORDER BY delivery_id LIMIT $2`,
      [shopId, limit],
    ),
  )
  for (const { delivery_id } of rows) {
    const { outcome } = await processDelivery(shopId, BigInt(delivery_id))
    counts[outcome]++
  }
  return counts
}
