/** Fault 12: webhooks that Shopify did not sign, or not so, among genuine ones under either secret. */
import { createHmac, randomBytes, randomUUID } from "node:crypto"
import type { Random } from "../support/demo-shop/random.ts"
import { signWebhook, webhookHeaders } from "../support/shop/sign-webhook.ts"
import type { Bed, BedShop } from "./bed.ts"
import { type Fault, newOutcome } from "./fault.ts"
import { orderWebhook } from "./order-webhook.ts"

type Attempt = { headers: Record<string, string>; body: string; genuine: boolean }
type Ground = { shop: BedShop; secret: string; oldSecret: string; random: Random; number: number }
type Variant = (ground: Ground) => Attempt

const SENDERS = 16

const HMAC = "X-Shopify-Hmac-SHA256"

/** A genuine message, for each variant to spoil. */
function message(
  { shop, secret, random, number }: Ground,
  over: { body?: string; secret?: string } = {},
): Attempt {
  const body = over.body ?? orderWebhook(number, random, Date.now()).body
  const signed = { topic: "orders/create", shop: shop.domain, body, secret: over.secret ?? secret }
  return { body, headers: webhookHeaders({ ...signed, webhookId: randomUUID() }), genuine: true }
}

const forged = (
  attempt: Attempt,
  headers: Record<string, string | undefined>,
  body = attempt.body,
): Attempt => ({
  genuine: false,
  body,
  headers: Object.fromEntries(
    Object.entries({ ...attempt.headers, ...headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  ),
})

function hmacOf(change: (hmac: string, attempt: Attempt, ground: Ground) => string | undefined): Variant {
  return (ground) => {
    const attempt = message(ground)
    return forged(attempt, { [HMAC]: change(attempt.headers[HMAC] ?? "", attempt, ground) })
  }
}

function header(name: string, value: string | undefined): Variant {
  return (ground) => forged(message(ground), { [name]: value })
}

function bodyOf(change: (body: string, random: Random) => string): Variant {
  return (ground) => {
    const attempt = message(ground)
    return forged(attempt, {}, change(attempt.body, ground.random))
  }
}

const VARIANTS: Record<string, Variant> = {
  genuine: (ground) => message(ground),
  "genuine, old secret": (ground) => message(ground, { secret: ground.oldSecret }),
  "genuine, other letters and spaces": (ground) =>
    message(ground, {
      body: ` {"id": ${9_000_000 + ground.number}, "note": "\u00e9\u4e2d\u{1f600}\\u0000" }\n`,
    }),
  "genuine, large": (ground) =>
    message(ground, { body: JSON.stringify({ id: 9_500_000 + ground.number, pad: "x".repeat(300_000) }) }),
  "genuine, without optional headers": (ground) => ({
    ...forged(message(ground), { "X-Shopify-Event-Id": undefined, "X-Shopify-Triggered-At": undefined }),
    genuine: true,
  }),
  "no signature": hmacOf(() => undefined),
  "empty signature": hmacOf(() => ""),
  "another secret": hmacOf((_, { body }) => signWebhook(body, randomBytes(24).toString("hex"))),
  "the client id as secret": hmacOf((_, { body }) => signWebhook(body, "faults")),
  "an empty secret": hmacOf((_, { body }) => signWebhook(body, "")),
  "signature of no body": hmacOf((_, __, { secret }) => signWebhook("", secret)),
  "signature of another message": hmacOf((_, __, { secret }) => signWebhook("{}", secret)),
  "signature in hex": hmacOf((_, { body }, { secret }) =>
    createHmac("sha256", secret).update(body).digest("hex"),
  ),
  "signature by SHA-1": hmacOf((_, { body }, { secret }) =>
    createHmac("sha1", secret).update(body).digest("base64"),
  ),
  "signature without padding": hmacOf((hmac) => hmac.replace(/=+$/, "")),
  "signature with other last bits": hmacOf((hmac) =>
    hmac.replace(/.=$/, (end) => `${end.startsWith("A") ? "B" : "A"}=`),
  ),
  "signature in lower case": hmacOf((hmac) => hmac.toLowerCase()),
  "signature twice": hmacOf((hmac) => `${hmac}, ${hmac}`),
  "signature cut short": hmacOf((hmac, _, { random }) => hmac.slice(0, random.integer(43))),
  "signature with a letter changed": hmacOf((hmac, _, { random }) => {
    const at = random.integer(42)
    return hmac.slice(0, at) + (hmac[at] === "x" ? "y" : "x") + hmac.slice(at + 1)
  }),
  "body with a byte changed": bodyOf((body, random) => {
    const at = random.integer(body.length)
    return body.slice(0, at) + (body[at] === "7" ? "8" : "7") + body.slice(at + 1)
  }),
  "body with a space after": bodyOf((body) => `${body} `),
  "body cut short": bodyOf((body, random) => body.slice(0, random.integer(body.length))),
  "no topic": header("X-Shopify-Topic", undefined),
  "a topic that is a path": header("X-Shopify-Topic", "../../orders/create"),
  "no shop": header("X-Shopify-Shop-Domain", undefined),
  "a shop elsewhere": header("X-Shopify-Shop-Domain", "shop.myshopify.com.evil.test"),
  "a shop with a path": header("X-Shopify-Shop-Domain", "evil.test/shop.myshopify.com"),
  "no webhook id": header("X-Shopify-Webhook-Id", undefined),
  "an endless webhook id": header("X-Shopify-Webhook-Id", "a".repeat(2_000)),
  "no API version": header("X-Shopify-API-Version", undefined),
  "a time that is none": header("X-Shopify-Triggered-At", "yesterday"),
}

export const forgedWebhooks: Fault = {
  number: 12,
  name: "forged webhooks",
  invariant: "rejected, and nothing written; genuine ones under either secret are taken",
  counts: { small: 1_000, long: 10_000 },
  run: async (bed, { count, random }) => {
    const outcome = newOutcome(12, "forged webhooks", "variants")
    const oldSecret = randomBytes(24).toString("hex")
    const web = await bed.startWeb({ SHOPIFY_API_SECRET_OLD: oldSecret })
    const shop = await bed.newShop("forged")
    const names = Object.keys(VARIANTS)
    const tally = { genuine: 0, refused: 0, taken: 0 }
    let number = 0
    const send = async () => {
      for (let mine = number++; mine < count; mine = number++) {
        const name = names[mine % names.length] ?? ""
        const attempt = VARIANTS[name]?.({ shop, secret: bed.secret, oldSecret, random, number: mine })
        if (!attempt) continue
        const { status, accepted } = await knock(web.url, attempt)
        if (attempt.genuine) tally.genuine++
        if (attempt.genuine && !accepted) outcome.wrong.push(`${name}: answered ${status}`)
        if (!attempt.genuine && accepted) tally.taken++
        if (!attempt.genuine && status !== 401 && status !== 400)
          outcome.wrong.push(`${name}: answered ${status}`)
        if (!attempt.genuine && !accepted) tally.refused++
      }
    }
    await Promise.all(Array.from({ length: SENDERS }, send))
    outcome.trials = count
    outcome.leaked = tally.taken
    const written = await rowsOf(bed, shop.shopId)
    if (written !== tally.genuine)
      outcome.wrong.push(`${tally.genuine} were genuine, ${written} were written`)
    outcome.notes.push(`${names.length} kinds; ${tally.refused} refused, ${tally.genuine} genuine ones taken`)
    return [outcome, await replayedElsewhere(bed, web.url)]
  },
}

async function knock(
  url: string,
  { headers, body }: Attempt,
): Promise<{ status: number; accepted: boolean }> {
  const answer = await fetch(`${url}/webhooks`, { method: "POST", headers, body })
  const text = await answer.text()
  return {
    status: answer.status,
    accepted: answer.status === 200 && text === JSON.stringify({ accepted: true }),
  }
}

async function rowsOf(bed: Bed, shopId: number): Promise<number> {
  const { rows } = await bed.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM inbox WHERE shop_id = $1",
    [shopId],
  )
  return rows[0]?.count ?? 0
}

/** Headers are not signed: a message of one shop that ends something, sent again as another shop's. */
async function replayedElsewhere(bed: Bed, url: string) {
  const outcome = newOutcome(12, "one shop's farewell replayed as another's", "messages")
  const [left, stays] = [await bed.newShop("leaves"), await bed.newShop("stays")]
  const worker = await bed.startWorker()
  const bodies = [
    ["app/uninstalled", { id: 1, domain: left.domain, myshopify_domain: left.domain }],
    ["shop/redact", { shop_id: 1, shop_domain: left.domain }],
  ] as const
  for (const [topic, payload] of bodies) {
    const body = JSON.stringify(payload)
    const headers = webhookHeaders({ topic, shop: stays.domain, body, secret: bed.secret })
    await knock(url, { headers, body, genuine: false })
    outcome.trials++
  }
  const deadline = performance.now() + 30_000
  const pending = () =>
    bed.pool.query("SELECT FROM inbox WHERE shop_id = $1 AND state = 'pending' LIMIT 1", [stays.shopId])
  while (performance.now() < deadline && (await pending()).rowCount)
    await new Promise((wake) => setTimeout(wake, 50))
  const { rowCount } = await bed.pool.query(
    "SELECT FROM shops WHERE shop_id = $1 AND uninstalled_at IS NULL AND domain = $2",
    [stays.shopId, stays.domain],
  )
  if (rowCount !== 1) outcome.leaked++
  await worker.stop()
  return outcome
}
