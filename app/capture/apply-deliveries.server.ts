import type pg from "pg"
import { isInstalled } from "../shop/app-life.server.ts"
import { erasedNames } from "../shop/erased-names.server.ts"
import type { ShopKeys } from "../shop/keys.server.ts"
import { appendEvents } from "./append-events.server.ts"
import { applyWebhooks } from "./apply-webhooks.server.ts"
import { addToCounter } from "./counters.server.ts"
import { type DoorDelivery, type DropReason, type OpenDoor, parseDoorPayload } from "./door-payload.ts"
import { ensureEventPartitions, monthOf } from "./event-partitions.server.ts"
import { rememberCart } from "./shopify/remember-cart.server.ts"
import type { Applied, TakenDelivery } from "./taken-delivery.ts"

/**
 * Does what deliveries say, in the order given, and says what came of each. They are all webhooks, or all of the doors
 * that anyone can knock at.
 * @param client inside the shop's transaction, which has written nothing yet. When this throws it is rolled back, and
 *   the deliveries are given again one at a time.
 */
export async function applyDeliveries(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  deliveries: readonly TakenDelivery[],
): Promise<Applied[]> {
  const open = deliveries.flatMap((delivery) =>
    delivery.door === "webhook" ? [] : { ...delivery, door: delivery.door },
  )
  if (open.length > 0)
    return (await isInstalled(client, shopId))
      ? applyOpenDoors(client, shopId, keys, open)
      : open.map(() => ({ outcome: "dropped", reason: "uninstalled" }))
  return applyWebhooks(client, shopId, keys, deliveries)
}

async function applyOpenDoors(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  deliveries: readonly (TakenDelivery & { door: OpenDoor })[],
): Promise<Applied[]> {
  const parsed = await withoutErased(client, shopId, keys, deliveries, deliveries.map(parseOpenDoor))
  const months = parsed.flatMap((given) =>
    typeof given === "string" ? [] : given.events.map(({ atMs }) => monthOf(atMs)),
  )
  // All of them before the first event: the transaction would wait for its own hold on the table.
  await ensureEventPartitions(new Set(months), client)
  const applied: Applied[] = []
  const drops = new Map<DropReason, number>()
  const drop = (reason: DropReason, count: number) => drops.set(reason, (drops.get(reason) ?? 0) + count)
  for (const [index, given] of parsed.entries()) {
    if (typeof given === "string") {
      drop(given, 1)
      applied.push({ outcome: "dropped", reason: given })
      continue
    }
    const receivedAt = deliveries[index]?.receivedAt ?? new Date()
    const origin = { names: given.names, unknownItems: "drop" } as const
    const { added, unknownItem } = await appendEvents(client, shopId, keys, given.events, receivedAt, origin)
    if (given.cart !== undefined) await rememberCart(client, shopId, keys, given, given.cart)
    drop("bad_time", given.badTime)
    drop("unknown_item", unknownItem)
    if (given.events.length > unknownItem) applied.push({ outcome: "done", added })
    else applied.push({ outcome: "dropped", reason: unknownItem > 0 ? "unknown_item" : "bad_time" })
  }
  // Last and in one order, for others count too: these rows are held until the end of the transaction.
  for (const reason of [...drops.keys()].sort())
    await addToCounter(client, shopId, `drop:${reason}`, drops.get(reason) ?? 0)
  return applied
}

/** What waited here while its shopper was erased must not bring them back. */
async function withoutErased(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  deliveries: readonly TakenDelivery[],
  parsed: readonly (DoorDelivery | DropReason)[],
): Promise<(DoorDelivery | DropReason)[]> {
  const names = parsed.flatMap((given) =>
    typeof given === "string" ? [] : { kind: given.names, name: given.shopper },
  )
  const erased = await erasedNames(client, shopId, keys, names)
  return parsed.map((given, index) => {
    if (typeof given === "string") return given
    const erasedMs = erased.erasedAtMs(given.names, given.shopper)
    const receivedMs = deliveries[index]?.receivedAt.getTime() ?? 0
    return erasedMs !== null && erasedMs >= receivedMs ? "erased_person" : given
  })
}

function parseOpenDoor({ door, topic, body, receivedAt }: TakenDelivery & { door: OpenDoor }) {
  if (topic !== "events") return "unhandled_topic"
  if (body === null) return "body_destroyed"
  return parseDoorPayload(door, body, receivedAt.getTime())
}
