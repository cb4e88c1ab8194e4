/**
 * The inbox: a delivery is on disk before it is acknowledged, and is worked off afterwards (work-inbox.server.ts), any
 * number of times with the same result. Its row is the truth about it: pending → done, dropped (with a reason), or
 * dead after the last attempt. A queued job is only a hint to look. Bodies are sealed under a key of their shop and
 * day.
 */
import type pg from "pg"
import { databasePool, withShopSql } from "../db.server.ts"
import { AppError } from "../errors.ts"
import { seal } from "../shop/keys.server.ts"
import { dayKey, forgetDayKey } from "./day-key.server.ts"

export type Door = "webhook" | "pixel" | "block"

export type Delivery = {
  door: Door
  topic: string
  /** The sender's own id of this delivery: the same one again is a duplicate. */
  externalId: string
  triggeredAt: Date | null
  /** Of the sender's format, where it has versions. */
  apiVersion?: string
  body: string | Uint8Array
}

/** Shopify's largest webhooks, of products with 2,048 variants and many pictures, are some MB. */
export const MAX_BODY_BYTES: Record<Door, number> = { webhook: 5 << 20, pixel: 1 << 20, block: 1 << 20 }

/** The sender's id, so that the body can be sealed before its row has a number. */
export const bodyPlace = (shopId: number, door: Door, externalId: string) =>
  `inbox/${shopId}/${door}/${externalId}`

export type Accepted = { deliveryId: bigint; duplicate: boolean }

/**
 * Takes a delivery in. When it returns, the delivery is on disk: only then may the sender be told.
 * @param alongside what must be durable with it, in the same transaction; a duplicate does nothing again
 * @throws AppError `too_large` over MAX_BODY_BYTES
 */
export async function acceptDelivery(
  shopId: number,
  delivery: Delivery,
  alongside?: (client: pg.PoolClient) => Promise<void>,
): Promise<Accepted> {
  const mostBytes = MAX_BODY_BYTES[delivery.door]
  if (Buffer.byteLength(delivery.body) > mostBytes)
    throw new AppError(
      "too_large",
      `A delivery may have ${mostBytes} bytes, this one has more. Send less at once.`,
    )
  // The second time only where the day's key was destroyed after it was read.
  for (let attempt = 0; attempt < 2; attempt++) {
    const accepted = await store(shopId, delivery, alongside)
    if (accepted) return accepted
  }
  throw new AppError("internal", `A delivery at the door ${delivery.door} was neither stored nor found.`)
}

/** One statement, and so one round trip and one commit, where nothing goes alongside. */
const ACCEPT = "SELECT delivery, duplicate FROM accept_delivery($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"

/** @returns null where the key of the day is not the one that sealed any more */
async function store(
  shopId: number,
  { door, topic, externalId, triggeredAt, apiVersion, body }: Delivery,
  alongside: ((client: pg.PoolClient) => Promise<void>) | undefined,
): Promise<Accepted | null> {
  const receivedAt = new Date()
  const day = receivedAt.toISOString().slice(0, 10)
  const { key, wrapped } = await dayKey(shopId, day)
  const sealed = seal(key, body, bodyPlace(shopId, door, externalId))
  const values = [
    shopId,
    door,
    topic,
    externalId,
    triggeredAt,
    apiVersion ?? null,
    receivedAt,
    sealed,
    day,
    wrapped,
  ]
  const accept = async (client: pg.Pool | pg.PoolClient) => {
    const { rows } = await client.query<{ delivery: string | null; duplicate: boolean }>(ACCEPT, values)
    const [row] = rows
    return row?.delivery == null ? null : { deliveryId: BigInt(row.delivery), duplicate: row.duplicate }
  }
  const accepted = await (alongside
    ? withShopSql(shopId, async (client) => {
        const stored = await accept(client)
        if (stored && !stored.duplicate) await alongside(client)
        return stored
      })
    : accept(databasePool()))
  if (!accepted) forgetDayKey(shopId, day)
  return accepted
}
