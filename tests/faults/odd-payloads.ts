/** Fault 15: what a sender could make of a payload: wrong types, endless numbers, NULs, `__proto__`, depth, size. */
import { acceptDelivery } from "../../app/capture/inbox.server.ts"
import { processPending } from "../../app/capture/work-inbox.server.ts"
import { RECORD_TOPICS } from "../../app/shop/webhook-topics.ts"
import type { Random } from "../support/demo-shop/random.ts"
import { signProxyUrl } from "../support/shop/app-proxy.ts"
import { webhookHeaders } from "../support/shop/sign-webhook.ts"
import {
  cartPayload,
  checkoutPayload,
  customerPayloadWithConsent,
  emailConsentPayload,
  fulfilmentPayload,
  orderPayload,
  productPayload,
  refundPayload,
  smsConsentPayload,
} from "../support/webhook-payloads.ts"
import type { Bed, BedShop } from "./bed.ts"
import { type Fault, newOutcome, type Outcome } from "./fault.ts"
import { oddened } from "./odd-json.ts"

const BATCH = 50

export const oddPayloads: Fault = {
  number: 15,
  name: "odd payloads",
  invariant: "taken or refused, never a crash or a failure that comes again",
  counts: { small: 600, long: 20_000 },
  run: async (bed, options) => [
    await throughTheInbox(bed, options.count, options.random),
    await throughTheDoors(bed),
  ],
}

async function throughTheInbox(bed: Bed, count: number, random: Random): Promise<Outcome> {
  const outcome = newOutcome(15, "odd payloads, worked off", "webhooks")
  const { shopId } = await bed.newShop("odd")
  while (outcome.trials < count) {
    for (let n = 0; n < BATCH && outcome.trials < count; n++) {
      const number = outcome.trials++
      const topic = random.pick(RECORD_TOPICS)
      const body = JSON.stringify(oddened(payloadOf(topic, number, random), random))
      const given = { door: "webhook", topic, externalId: `odd-${number}`, apiVersion: "2026-07" } as const
      await acceptDelivery(shopId, { ...given, triggeredAt: new Date(), body })
    }
    const { retry, dead } = await processPending(shopId, BATCH * 2)
    if (retry + dead === 0) continue
    const { rows } = await bed.pool.query<{ topic: string; reason: string; external_id: string }>(
      "SELECT topic, reason, external_id FROM inbox WHERE shop_id = $1 AND state = 'pending'",
      [shopId],
    )
    for (const row of rows)
      outcome.wrong.push(`${row.topic} fails again and again: ${row.reason} (${row.external_id})`)
    await bed.pool.query("UPDATE inbox SET state = 'dead' WHERE shop_id = $1 AND state = 'pending'", [shopId])
  }
  const polluted = ({} as { polluted?: unknown }).polluted
  if (polluted !== undefined) outcome.wrong.push("a payload reached every object's prototype")
  const { rows } = await bed.pool.query<{ words: string }>(
    `SELECT count(*) || ' ' || state || coalesce(' ' || reason, '') AS words FROM inbox WHERE shop_id = $1
     GROUP BY state, reason ORDER BY count(*) DESC`,
    [shopId],
  )
  outcome.notes.push(rows.map(({ words }) => words).join(", "))
  return outcome
}

export function payloadOf(topic: (typeof RECORD_TOPICS)[number], number: number, random: Random): object {
  const now = Date.now()
  const id = 1_000 + random.integer(50)
  const [resource] = topic.split("/")
  switch (resource) {
    case "products":
      return productPayload(id, now)
    case "customers":
      return customerPayloadWithConsent(id, now)
    case "customers_email_marketing_consent":
      return emailConsentPayload(id, "subscribed", now)
    case "customers_marketing_consent":
      return smsConsentPayload(id, "subscribed", now)
    case "carts":
      return cartPayload(`cart-${id}`, now)
    case "checkouts":
      return checkoutPayload(`out-${id}`, now)
    case "orders":
      return topic === "orders/edited"
        ? { order_edit: { id: number, order_id: id, committed_at: new Date(now).toISOString() } }
        : orderPayload(id, now, {
            refunds: [refundPayload(id, id, now)],
            fulfillments: [fulfilmentPayload(id, id, now)],
          })
    case "refunds":
      return refundPayload(id, id + 1, now)
    case "fulfillments":
      return fulfilmentPayload(id, id + 1, now)
    case "inventory_levels":
      return { inventory_item_id: id, location_id: 5, available: 3, updated_at: new Date(now).toISOString() }
    case "collections":
      return { id, title: "Blue", handle: "blue", updated_at: new Date(now).toISOString() }
    default:
      return { id, name: "Shop", domain: "a.example", currency: "EUR", iana_timezone: "Europe/Berlin" }
  }
}

const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`

const ODD_BODIES: readonly [name: string, body: string | Uint8Array][] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["null", "null"],
  ["a number", "1e999"],
  ["a NUL", "\u0000"],
  ["broken UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x80, 0x22])],
  ["__proto__", '{"__proto__": {"shopId": 1}, "constructor": {"prototype": {"x": 1}}}'],
  ["100,000 deep", deep(100_000)],
  ["4 MB deep", deep(600_000)],
  ["50 MB", "x".repeat(50 << 20)],
  ["300,000 keys", `{${Array.from({ length: 300_000 }, (_, n) => `"k${n}":1`).join(",")}}`],
]

async function throughTheDoors(bed: Bed): Promise<Outcome> {
  const outcome = newOutcome(15, "odd bodies at the doors", "requests")
  const web = await bed.startWeb()
  const shop = await bed.newShop("odd-doors")
  for (const [name, body] of ODD_BODIES)
    for (const path of ["/webhooks", "/proxy/events", "/proxy/consent", "/app", "/", "/nowhere"]) {
      const status = await post(web.url, path, shop, bed.secret, body)
      outcome.trials++
      if (status >= 500) outcome.wrong.push(`${path} answers ${status} to ${name}`)
    }
  const alive = await fetch(`${web.url}/healthz`).then(
    ({ status }) => status,
    () => 0,
  )
  if (alive !== 200) outcome.wrong.push("the web process is gone")
  const worked = await processPending(shop.shopId, 1_000)
  if (worked.retry + worked.dead > 0) outcome.wrong.push(`${worked.retry} deliveries fail again and again`)
  outcome.notes.push(`inbox: ${worked.done} done, ${worked.dropped} dropped`)
  return outcome
}

async function post(
  url: string,
  path: string,
  shop: BedShop,
  secret: string,
  body: string | Uint8Array,
): Promise<number> {
  const sent = Buffer.from(body)
  const address = signProxyUrl(new URL(path, url), secret, {
    shop: shop.domain,
    logged_in_customer_id: "",
    path_prefix: "/apps/throughline",
    timestamp: String(Math.floor(Date.now() / 1_000)),
  })
  const headers = webhookHeaders({ topic: "orders/create", shop: shop.domain, body: sent, secret })
  return fetch(path.startsWith("/proxy") ? address : new URL(path, url), {
    method: "POST",
    headers,
    body: sent,
  }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    // A server that has heard enough may close the connection instead of reading on.
    (error: { cause?: { code?: string } }) =>
      ["EPIPE", "ECONNRESET", "UND_ERR_SOCKET"].includes(error.cause?.code ?? "") ? 413 : 599,
  )
}
