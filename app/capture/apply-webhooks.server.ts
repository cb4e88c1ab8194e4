import type pg from "pg"
import { applyAppLife, isInstalled } from "../shop/app-life.server.ts"
import type { ShopKeys } from "../shop/keys.server.ts"
import { recordPrivacyRequest } from "../shop/privacy-requests.server.ts"
import { knownTopic } from "../shop/webhook-topics.ts"
import { addToCounter } from "./counters.server.ts"
import type { DropReason } from "./door-payload.ts"
import { applyChanges } from "./shopify/apply-changes.server.ts"
import { changesOfWebhook } from "./shopify/changes-of-webhook.ts"
import type { RecordChange } from "./shopify/record.ts"
import type { Applied, TakenDelivery } from "./taken-delivery.ts"

/** A header is not signed, and clocks differ: nothing was triggered later than this after it came. */
const MAX_AHEAD_MS = 60_000

/** Does what webhooks say, all that tells of records at once: their order does not matter. */
export async function applyWebhooks(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  deliveries: readonly TakenDelivery[],
): Promise<Applied[]> {
  const installed = await isInstalled(client, shopId)
  const changes: RecordChange[] = []
  const applied: Applied[] = []
  for (const delivery of deliveries) {
    const told = await workOff(client, shopId, delivery, installed)
    if (typeof told === "string") applied.push({ outcome: "dropped", reason: told })
    else {
      applied.push({ outcome: "done", added: told.length })
      for (const change of told) changes.push(change)
    }
  }
  const newest = Math.max(...deliveries.map(({ receivedAt }) => receivedAt.getTime()))
  await applyChanges(client, shopId, keys, changes, { receivedAt: new Date(newest), source: "webhook" })
  await countDrops(client, shopId, applied)
  return applied
}

/** @returns the changes that it tells of, none where it was about something else, or the reason to drop it. */
async function workOff(
  client: pg.PoolClient,
  shopId: number,
  { topic, body, triggeredAt, receivedAt, apiVersion }: TakenDelivery,
  installed: boolean,
): Promise<RecordChange[] | DropReason> {
  const known = knownTopic(topic)
  if (known?.kind !== "privacy" && known?.kind !== "app_life" && !installed) return "uninstalled"
  if (body === null) return "body_destroyed"
  if (known?.kind === "privacy") {
    const outcome = await recordPrivacyRequest(client, shopId, {
      topic: known.topic,
      body,
      triggeredAt,
      receivedAt,
    })
    return outcome === "recorded" ? [] : outcome
  }
  if (known?.kind === "app_life") {
    const outcome = await applyAppLife(client, shopId, { topic: known.topic, body, triggeredAt, receivedAt })
    return outcome === "applied" ? [] : outcome
  }
  const receivedMs = receivedAt.getTime()
  const seenAtMs = Math.min(triggeredAt?.getTime() ?? receivedMs, receivedMs + MAX_AHEAD_MS)
  return changesOfWebhook(topic, body, seenAtMs, apiVersion)
}

/** Last and in one order, for others count too: these rows are held until the end of the transaction. */
async function countDrops(client: pg.PoolClient, shopId: number, applied: readonly Applied[]): Promise<void> {
  const drops = new Map<DropReason, number>()
  for (const one of applied)
    if (one.outcome === "dropped") drops.set(one.reason, (drops.get(one.reason) ?? 0) + 1)
  for (const reason of [...drops.keys()].sort())
    await addToCounter(client, shopId, `drop:${reason}`, drops.get(reason) ?? 0)
}
