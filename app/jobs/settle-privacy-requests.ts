import type pg from "pg"
import { withShopSql } from "../db.server.ts"
import { withJourneyLock } from "../journey/journey-lock.server.ts"
import { updateJourneys } from "../journey/update-journeys.server.ts"
import { log } from "../log.server.ts"
import { logAccess } from "../shop/access-log.server.ts"
import { eraseShop } from "../shop/erase-shop.server.ts"
import { eraseShoppers } from "../shop/erase-shoppers.server.ts"
import { type ShopKeys, shopKeys } from "../shop/keys.server.ts"
import { storeAnswer } from "../shop/privacy-answer.server.ts"
import { openSubject, type PrivacyRequestKind } from "../shop/privacy-requests.server.ts"
import { findSubject } from "../shop/privacy-subject.server.ts"
import { eraseLeftovers } from "../shop/replay-redactions.server.ts"
import { adminOfShop } from "../shopify.server.ts"
import { readPersonReport } from "../surface/person-report.server.ts"
import { personReportHtml } from "../surface/person-report-html.ts"

type PendingRequest = { request_id: string; kind: PrivacyRequestKind; subject: Buffer | null }

/** Whether the shop still has the app, as Shopify says. */
export type AsksShopify = (domain: string) => Promise<boolean>

/**
 * Settles what people and shops asked for, oldest first, each in a transaction of its own: a file of what is held on a
 * person, a person's erasure, a shop's. One that is cut off stays pending and is done again from its beginning.
 */
export async function settlePrivacyRequests(
  shopId: number,
  asOf: Date,
  hasApp: AsksShopify = shopHasApp,
): Promise<void> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<PendingRequest>(
      `SELECT request_id, kind, subject FROM privacy_requests WHERE shop_id = $1 AND state = 'pending'
       ORDER BY received_at, request_id`,
      [shopId],
    ),
  )
  // First everyone is joined who was met together: the browsers that are the person are theirs too.
  if (rows.length > 0) await updateJourneys(shopId, { asOf })
  for (const request of rows) {
    switch (request.kind) {
      case "data_request":
        await answer(shopId, request, asOf)
        break
      case "redact":
        await erase(shopId, request, asOf)
        break
      case "shop_redact":
        if (await settleShop(shopId, request, hasApp)) return
        break
      default:
        request.kind satisfies never
    }
  }
  // A capture that knew the person's number just before the erasure may write under it just after.
  const since = new Date(asOf.getTime() - UNDER_WAY_MS)
  await withJourneyLock(shopId, (client) => eraseLeftovers(client, shopId, since))
}

/** Longer than any transaction that was under way when somebody was erased. */
const UNDER_WAY_MS = 10 * 60_000

async function answer(shopId: number, request: PendingRequest, asOf: Date): Promise<void> {
  const keys = await shopKeys(shopId)
  await withShopSql(shopId, async (client) => {
    const [shopperId, ...others] = await subjectOf(client, shopId, keys, request)
    if (shopperId === undefined) return settle(client, shopId, request, "nothing_held")
    const entry = {
      actor: "job:settle_privacy_requests",
      action: "collect_data_request",
      shopperId,
    } as const
    await logAccess(client, shopId, entry)
    const report = await readPersonReport(client, shopId, keys, [shopperId, ...others], asOf)
    const file = personReportHtml(report)
    await storeAnswer(client, shopId, keys, { requestId: request.request_id, shopperId, file })
  })
}

/** Journeys are counted anew before it is settled: then nothing of the person is left in the map either. */
async function erase(shopId: number, request: PendingRequest, asOf: Date): Promise<void> {
  const keys = await shopKeys(shopId)
  const held = await withJourneyLock(shopId, async (client) => {
    const shopperIds = await subjectOf(client, shopId, keys, request)
    await eraseShoppers(client, shopId, keys, shopperIds)
    if (shopperIds.length > 0) await forgetDeadDeliveries(client, shopId)
    return shopperIds.length > 0
  })
  await updateJourneys(shopId, { asOf })
  await withShopSql(shopId, (client) => settle(client, shopId, request, held ? "done" : "nothing_held"))
}

/** Deliveries given up keep their words for a while, and nobody knows whose they are without opening them all. */
async function forgetDeadDeliveries(client: pg.PoolClient, shopId: number): Promise<void> {
  await client.query("UPDATE inbox SET body = NULL WHERE shop_id = $1 AND state <> 'pending'", [shopId])
}

/**
 * A shop that has the app is not erased, whatever a message says: it came back, or the message is an old one again.
 * Where an uninstall was never told us, Shopify is asked.
 * @returns whether the shop is gone
 */
async function settleShop(shopId: number, request: PendingRequest, hasApp: AsksShopify): Promise<boolean> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ domain: string; uninstalled: boolean }>(
      "SELECT domain, uninstalled_at IS NOT NULL AS uninstalled FROM shops WHERE shop_id = $1",
      [shopId],
    ),
  )
  const [shop] = rows
  if (shop && !shop.uninstalled && (await hasApp(shop.domain))) {
    log.warn({ shopId }, "a request to erase a shop that has the app was refused")
    await withShopSql(shopId, (client) =>
      settle(client, shopId, request, "refused", "The shop has the app: it was installed again."),
    )
    return false
  }
  await eraseShop(shopId)
  return true
}

const SHOP_HAS_APP = `#graphql
  query ShopHasApp {
    shop {
      id
    }
  }`

async function shopHasApp(domain: string): Promise<boolean> {
  const admin = await adminOfShop(domain)
  if (!admin) return false
  try {
    await admin.graphql(SHOP_HAS_APP)
    return true
  } catch (error) {
    // A token that is taken no longer and cannot be renewed: the app was taken out.
    const code = (error as { response?: { code?: unknown } }).response?.code
    if (code === 401 || code === 403) return false
    throw error
  }
}

async function subjectOf(
  client: pg.PoolClient,
  shopId: number,
  keys: ShopKeys,
  { request_id, subject }: PendingRequest,
): Promise<string[]> {
  return subject ? findSubject(client, shopId, keys, openSubject(keys, shopId, request_id, subject)) : []
}

async function settle(
  client: pg.PoolClient,
  shopId: number,
  { request_id }: PendingRequest,
  state: "done" | "nothing_held" | "refused",
  reason: string | null = null,
): Promise<void> {
  await client.query(
    `UPDATE privacy_requests SET state = $3, reason = $4, done_at = now(), subject = NULL
     WHERE shop_id = $1 AND request_id = $2`,
    [shopId, request_id, state, reason],
  )
}
