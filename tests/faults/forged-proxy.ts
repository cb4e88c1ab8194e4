/** Fault 13: storefront requests that Shopify did not sign so: replayed, with doubled parameters, cut elsewhere. */
import { createHmac, randomBytes } from "node:crypto"
import type { Random } from "../support/demo-shop/random.ts"
import type { Bed, BedShop } from "./bed.ts"
import { type Fault, newOutcome, type Outcome } from "./fault.ts"

type Pairs = [name: string, value: string][]
/** What is sent, as it stands in the query; the signature is one of the pairs. */
type Ground = { shop: string; secret: string; random: Random; nowMs: number }
type Kind = (ground: Ground) => Pairs

const VISITOR = "0123456789abcdef".repeat(2)
const PATHS = [
  { path: "/proxy/block", method: "GET" },
  { path: "/proxy/events", method: "POST" },
  { path: "/proxy/consent", method: "POST" },
] as const

const seconds = (ms: number) => String(Math.floor(ms / 1_000))

function pairs({ shop, nowMs }: Ground, over: Record<string, string> = {}): Pairs {
  return Object.entries({
    visitor: VISITOR,
    product: "p1",
    count: "2",
    logged_in_customer_id: "",
    path_prefix: "/apps/throughline",
    shop,
    timestamp: seconds(nowMs),
    ...over,
  })
}

/** As Shopify signs: values of one name joined by commas, names sorted, pairs joined with nothing between. */
function signatureOf(given: Pairs, secret: string): string {
  const values = new Map<string, string[]>()
  for (const [name, value] of given) values.set(name, [...(values.get(name) ?? []), value])
  const text = [...values]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, all]) => `${name}=${all.join(",")}`)
    .join("")
  return createHmac("sha256", secret).update(text).digest("hex")
}

const signed = (given: Pairs, secret: string): Pairs => [...given, ["signature", signatureOf(given, secret)]]

const TRUSTED = ["logged_in_customer_id", "path_prefix", "shop", "timestamp"] as const

const CLASSES: Record<string, readonly Kind[]> = {
  replay: [
    (ground) =>
      signed(
        pairs(ground, { timestamp: seconds(ground.nowMs - 92_000 - ground.random.integer(1e9)) }),
        ground.secret,
      ),
    (ground) =>
      signed(
        pairs(ground, { timestamp: seconds(ground.nowMs + 92_000 + ground.random.integer(1e9)) }),
        ground.secret,
      ),
    (ground) => signed(pairs(ground, { timestamp: "" }), ground.secret),
    (ground) => signed(pairs(ground, { timestamp: `${seconds(ground.nowMs)}e0` }), ground.secret),
  ],
  "doubled parameters": [
    (ground) => {
      const name = ground.random.pick(TRUSTED)
      const own = pairs(ground)
      const value = own.find(([key]) => key === name)?.[1] ?? ""
      return signed(
        [...own, [name, ground.random.pick([value, "", "777", "other.myshopify.com"])]],
        ground.secret,
      )
    },
    (ground) => {
      const own = signed(pairs(ground), ground.secret)
      return [...own, [ground.random.pick(TRUSTED), ground.random.pick(["777", "other.myshopify.com"])]]
    },
    (ground) => [...signed(pairs(ground), ground.secret), ["signature", "0".repeat(64)]],
    (ground) => signed([...pairs(ground), ["visitor", "f".repeat(32)]], ground.secret),
    (ground) =>
      signed(
        pairs(ground).flatMap(([name, value]) =>
          name === "shop" ? [[`${name}[]`, value]] : [[name, value]],
        ),
        ground.secret,
      ),
  ],
  "boundary shift": [
    // A visitor's own parameter hides a customer's number; cut elsewhere, it would stand by itself.
    (ground) => {
      const id = String(1 + ground.random.integer(1e9))
      const hidden = signed([...pairs(ground), ["a", `1logged_in_customer_id=${id}`]], ground.secret)
      const kept = hidden.filter(([name]) => name !== "a" && name !== "logged_in_customer_id")
      return [["a", "1"], ["logged_in_customer_id", id], ["logged_in_customer_id=", ""], ...kept]
    },
    (ground) => {
      const hidden = signed([...pairs(ground), ["a", "1logged_in_customer_id=777"]], ground.secret)
      const kept = hidden.filter(
        ([name]) => name !== "a" && name !== "count" && name !== "logged_in_customer_id",
      )
      return [["a", "1"], ["logged_in_customer_id", "777count=2logged_in_customer_id="], ...kept]
    },
    (ground) => {
      const hidden = signed([...pairs(ground), ["sh", "x"]], ground.secret)
      return hidden.map(([name, value]) => (name === "sh" ? ["s", "hx"] : [name, value]))
    },
    (ground) => {
      const own = signed(pairs(ground), ground.secret)
      return own.map(([name, value]) => (name === "shop" ? ["sho", `p=${value}`] : [name, value]))
    },
  ],
  "no signature of Shopify's": [
    (ground) => pairs(ground),
    (ground) => signed(pairs(ground), randomBytes(24).toString("hex")),
    (ground) => signed(pairs(ground), ""),
    (ground) =>
      signed(pairs(ground), ground.secret).map(([name, value]) => [
        name,
        name === "signature" ? value.toUpperCase() : value,
      ]),
    (ground) =>
      signed(pairs(ground), ground.secret).map(([name, value]) => [name, name === "signature" ? "" : value]),
    (ground) =>
      signed(pairs(ground), ground.secret).map(([name, value]) => [
        name,
        name === "shop" ? "other.myshopify.com" : value,
      ]),
    (ground) =>
      signed(pairs(ground), ground.secret).map(([name, value]) => [
        name,
        name === "logged_in_customer_id" ? "777" : value,
      ]),
    (ground) => signed(pairs(ground, { logged_in_customer_id: "7 or 1=1" }), ground.secret),
    (ground) => signed(pairs(ground, { path_prefix: "/apps/another" }), ground.secret),
    (ground) =>
      signed(
        pairs(ground).filter(([name]) => name !== "logged_in_customer_id"),
        ground.secret,
      ),
  ],
}

export const forgedProxy: Fault = {
  number: 13,
  name: "forged storefront requests",
  invariant: "rejected, and nothing written; a genuine one replayed at once changes nothing",
  counts: { small: 300, long: 10_000 },
  run: async (bed, { count, random }) => {
    const web = await bed.startWeb()
    const shop = await bed.newShop("proxy")
    await bed.pool.query("INSERT INTO products (shop_id, external_id, title) VALUES ($1, 'p1', 'One')", [
      shop.shopId,
    ])
    const outcomes: Outcome[] = []
    for (const [name, kinds] of Object.entries(CLASSES)) {
      const outcome = newOutcome(13, `storefront request: ${name}`, "requests")
      const before = await written(bed, shop)
      for (; outcome.trials < count; outcome.trials++) {
        const kind = kinds[outcome.trials % kinds.length]
        const where = PATHS[outcome.trials % PATHS.length]
        if (!kind || !where) continue
        const query = kind({ shop: shop.domain, secret: bed.secret, random, nowMs: Date.now() })
        const { status, text } = await ask(web.url, where, query)
        if (status < 400) outcome.leaked++
        if (status >= 500) outcome.wrong.push(`${where.path} answered ${status}`)
        if (text.includes(VISITOR) || text.includes("777"))
          outcome.wrong.push(`${where.path} repeats what came`)
      }
      const after = await written(bed, shop)
      if (after !== before) outcome.wrong.push(`${after - before} rows were written`)
      outcomes.push(outcome)
    }
    outcomes.push(await replayedAtOnce(bed, web.url, shop, count, random))
    return outcomes
  },
}

async function ask(
  url: string,
  { path, method }: (typeof PATHS)[number],
  query: Pairs,
  delivery = randomBytes(16).toString("hex"),
): Promise<{ status: number; text: string }> {
  const event = { type: "product_view", at: Date.now(), product: "p1" }
  const body =
    path === "/proxy/consent"
      ? { visitor: VISITOR, analytics: true }
      : { delivery, visitor: VISITOR, events: [event] }
  const answer = await fetch(`${url}${path}?${new URLSearchParams(query)}`, {
    method,
    headers: { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" },
    ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, text: await answer.text() }
}

async function written(bed: Bed, { shopId }: BedShop): Promise<number> {
  const { rows } = await bed.pool.query<{ count: number }>(
    `SELECT ((SELECT count(*) FROM inbox WHERE shop_id = $1) + (SELECT count(*) FROM events WHERE shop_id = $1)
       + (SELECT count(*) FROM shoppers WHERE shop_id = $1) + (SELECT count(*) FROM consents WHERE shop_id = $1)
       + (SELECT count(*) FROM decisions WHERE shop_id = $1))::int AS count`,
    [shopId],
  )
  return rows[0]?.count ?? 0
}

/** Within its 90 s a signed request passes again: it is the same delivery, and adds nothing. */
async function replayedAtOnce(
  bed: Bed,
  url: string,
  shop: BedShop,
  count: number,
  random: Random,
): Promise<Outcome> {
  const outcome = newOutcome(13, "storefront request: replayed within 90 s", "replays")
  const deliveries = Math.max(1, Math.min(50, Math.floor(count / 3)))
  for (let n = 0; n < deliveries; n++) {
    const delivery = randomBytes(16).toString("hex")
    // A visitor of its own each time: one alone would be told to wait.
    const visitor = randomBytes(16).toString("hex")
    const query = signed(
      pairs({ shop: shop.domain, secret: bed.secret, random, nowMs: Date.now() }),
      bed.secret,
    )
    const send = async () => {
      const event = { type: "product_view", at: Date.now(), product: "p1" }
      const answer = await fetch(`${url}/proxy/events?${new URLSearchParams(query)}`, {
        method: "POST",
        headers: { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" },
        body: JSON.stringify({ delivery, visitor, events: [event] }),
      })
      await answer.arrayBuffer()
      if (answer.status !== 202) outcome.wrong.push(`a genuine request was answered ${answer.status}`)
    }
    await send()
    await Promise.all([send(), send()])
    outcome.trials += 2
  }
  const { rows } = await bed.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM events WHERE shop_id = $1",
    [shop.shopId],
  )
  outcome.doubled = Math.max(0, (rows[0]?.count ?? 0) - deliveries)
  outcome.lost = Math.max(0, deliveries - (rows[0]?.count ?? 0))
  return outcome
}
