/**
 * Shopify's three compliance messages become rows: a person's request for what is held on them, a person's erasure,
 * a shop's erasure. A job settles them (jobs/settle-privacy-requests.ts). No token is needed for any of it.
 */
import { createHash } from "node:crypto"
import type pg from "pg"
import { erasedMark } from "./erased-names.server.ts"
import { open, type ShopKeys, seal, shopKeys } from "./keys.server.ts"
import {
  type PrivacySubject,
  privacySubject,
  requestPayload,
  subjectNames,
  subjectOf,
} from "./privacy-subject.server.ts"
import { writeLedger } from "./redaction-ledger.server.ts"
import { ANSWER_DUE_DAYS } from "./retention.ts"
import type { PrivacyTopic } from "./webhook-topics.ts"

export type PrivacyRequestKind = "data_request" | "redact" | "shop_redact"

const KIND_OF: Record<PrivacyTopic, PrivacyRequestKind> = {
  "customers/data_request": "data_request",
  "customers/redact": "redact",
  "shop/redact": "shop_redact",
}

export type PrivacyDelivery = {
  topic: PrivacyTopic
  body: string
  triggeredAt: Date | null
  receivedAt: Date
}

/**
 * Notes a request, in the transaction that works off its delivery. The same one again changes nothing.
 * An erasure's names are in the ledger from now on, so that nothing older brings the person in, whoever is held.
 */
export async function recordPrivacyRequest(
  client: pg.PoolClient,
  shopId: number,
  { topic, body, triggeredAt, receivedAt }: PrivacyDelivery,
): Promise<"recorded" | "bad_payload"> {
  const parsed = requestPayload.safeParse(parseJson(body))
  if (!parsed.success) return "bad_payload"
  // Shopify signs the body and not the headers: one shop's message, sent again as another's, says whose it is.
  const { rowCount: ownShop } = await client.query("SELECT FROM shops WHERE shop_id = $1 AND domain = $2", [
    shopId,
    parsed.data.shop_domain,
  ])
  if (!ownShop) return "bad_payload"
  const kind = KIND_OF[topic]
  const subject = subjectOf(parsed.data)
  if (kind !== "shop_redact" && !subject.customerId && !subject.email && subject.orderIds.length === 0)
    return "bad_payload"
  const keys = await shopKeys(shopId)
  const requestId = requestIdOf(kind, parsed.data.data_request?.id, body, triggeredAt, keys)
  const dueAt = new Date(receivedAt.getTime() + ANSWER_DUE_DAYS * 86_400_000)
  const { rowCount } = await client.query(
    `INSERT INTO privacy_requests (shop_id, request_id, kind, received_at, due_at, subject)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (shop_id, request_id) DO NOTHING`,
    [shopId, requestId, kind, receivedAt, dueAt, sealSubject(keys, shopId, requestId, subject)],
  )
  if (rowCount && kind === "redact")
    await writeLedger(
      client,
      shopId,
      subjectNames(keys, subject).map((name) => ({
        kind: "name",
        shopperId: null,
        mark: erasedMark(keys, name.kind, name.blind),
      })),
    )
  // Due at once: the row is what the scheduler looks at.
  await client.query(
    "UPDATE schedules SET next_run_at = now() WHERE shop_id = $1 AND job = 'settle_privacy_requests'",
    [shopId],
  )
  return "recorded"
}

/** Shopify's number of the request, else a keyed hash of the message: it names a person, and the row must not. */
function requestIdOf(
  kind: PrivacyRequestKind,
  given: string | undefined,
  body: string,
  triggeredAt: Date | null,
  keys: ShopKeys,
): string {
  if (given !== undefined) return `${kind}-${given}`
  // With its time: a person who came back may be erased again, in the same words.
  const words = `${keys.blind}\0${triggeredAt?.getTime() ?? ""}\0${body}`
  return `${kind}-${createHash("sha256").update(words).digest("hex").slice(0, 24)}`
}

const subjectPlace = (shopId: number, requestId: string) => `privacy_requests.subject/${shopId}/${requestId}`

function sealSubject(keys: ShopKeys, shopId: number, requestId: string, subject: PrivacySubject): Buffer {
  return seal(keys.wrap, JSON.stringify(subject), subjectPlace(shopId, requestId))
}

/** Whom a pending request names. */
export function openSubject(
  keys: ShopKeys,
  shopId: number,
  requestId: string,
  sealed: Buffer,
): PrivacySubject {
  return privacySubject.parse(
    JSON.parse(open(keys.wrap, sealed, subjectPlace(shopId, requestId)).toString("utf8")),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // bad input is data: it fails the schema
  }
}
