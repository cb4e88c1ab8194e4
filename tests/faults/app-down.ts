/**
 * Fault 7: the app is down for five hours. Shopify gives up after four, so what happened meanwhile is told by nobody:
 * reconciliation has to find it.
 */
import { setTimeout as wait } from "node:timers/promises"
import { SCOPES } from "../security/attacks/marked-shop.ts"
import { startSimulatedAdmins } from "../security/attacks/simulated-admins.ts"
import type { Random } from "../support/demo-shop/random.ts"
import { makeSessionToken } from "../support/shop/admin/session-token.ts"
import { makeShopState, type ShopState } from "../support/shop/state.ts"
import type { Bed } from "./bed.ts"
import { type Fault, newOutcome } from "./fault.ts"

const HOUR_MS = 3_600_000
const WITHIN_MS = 240_000
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

export const appDown: Fault = {
  number: 7,
  name: "app down for five hours, then reconciliation",
  invariant: "converges to the Admin API's state",
  counts: { small: 150, long: 20_000 },
  run: async (bed, { count, random, say }) => {
    const outcome = newOutcome(7, "app down 5 h, then reconcile", "changes")
    const shop = await bed.newShop("app-down")
    let behindMs = 6 * HOUR_MS
    const state = makeShopState({
      domain: shop.domain,
      apiKey: bed.apiKey,
      apiSecret: bed.secret,
      now: () => Date.now() - behindMs,
    })
    const past = populate(state, count, random)
    const admins = await startSimulatedAdmins([state])
    const variables = { SIMULATED_SHOP_URL: admins.url }
    try {
      const web = await bed.startWeb(variables)
      const worker = await bed.startWorker(variables)
      state.install(SCOPES.split(","))
      await openApp(web.url, state)
      if (!(await until(bed, HISTORY_DONE, [shop.shopId]))) outcome.wrong.push("the history was never read")
      say(`history of ${past} things read`)
      await worker.stop()
      await web.stop()

      for (; outcome.trials < count; outcome.trials++) {
        behindMs -= (5 * HOUR_MS) / count
        change(state, random)
      }

      await bed.startWeb(variables)
      const { rows } = await bed.pool.query<{ now: Date }>(
        "UPDATE schedules SET next_run_at = now() WHERE shop_id = $1 AND job = 'reconcile' RETURNING now()",
        [shop.shopId],
      )
      const backMs = performance.now()
      await bed.startWorker(variables)
      if (!(await until(bed, RECONCILED, [shop.shopId, rows[0]?.now])))
        outcome.wrong.push("the reconciliation did not end")
      outcome.notes.push(
        `${count} changes untold, mended ${Math.round((performance.now() - backMs) / 1_000)} s after the return`,
      )
      const differences = await compare(bed, shop.shopId, state)
      outcome.lost = differences.length
      outcome.wrong.push(...differences.slice(0, 5))
    } finally {
      await admins.close()
    }
    return [outcome]
  },
}

const HISTORY_DONE = `SELECT FROM import_runs WHERE shop_id = $1 AND kind LIKE 'history_%'
  HAVING count(*) > 0 AND count(*) FILTER (WHERE state = 'running') = 0`
/** What the comparison wants to know more of is fetched by a job after it. */
const RECONCILED = `SELECT FROM reconcile_runs WHERE shop_id = $1 AND started_at >= $2 AND state = 'done'
  AND NOT EXISTS (SELECT FROM shop_records r WHERE r.shop_id = $1 AND r.wanted_at IS NOT NULL)`

async function until(bed: Bed, sql: string, values: unknown[]): Promise<boolean> {
  const deadline = performance.now() + WITHIN_MS
  while (performance.now() < deadline) {
    if ((await bed.pool.query(sql, values)).rowCount) return true
    await wait(200)
  }
  return false
}

async function openApp(url: string, state: ShopState): Promise<void> {
  const token = makeSessionToken(state, Date.now())
  const answer = await fetch(`${url}/app`, {
    headers: { Authorization: `Bearer ${token}`, "User-Agent": BROWSER },
  })
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`The app did not open in the admin: ${answer.status}`)
}

/** @returns how many things there are before the app is installed */
function populate(state: ShopState, count: number, random: Random): number {
  for (let n = 0; n < 20; n++)
    state.createProduct({ title: `Mug ${n}`, variants: [{ priceCents: 500 + n * 10, available: 50 }] })
  for (let n = 0; n < 20; n++) state.createCustomer({ email: `someone-${n}@example.test` })
  for (let n = 0; n < count / 2; n++) order(state, random)
  const { products, customers, orders } = state.store
  return products.size + customers.size + orders.size
}

function order(state: ShopState, random: Random): void {
  const variants = [...state.store.variants.keys()]
  const customers = [...state.store.customers.keys()]
  state.placeOrder({
    lines: [{ variantId: random.pick(variants), quantity: 1 + random.integer(3) }],
    ...(random.chance(0.8) ? { customerId: random.pick(customers) } : { email: "guest@example.test" }),
  })
}

function change(state: ShopState, random: Random): void {
  const { orders, products } = state.store
  const drawn = random.unit()
  const old = random.pick([...orders.values()])
  if (drawn < 0.4) order(state, random)
  else if (drawn < 0.5)
    state.createCustomer({ email: `new-${orders.size}-${random.integer(1e9)}@example.test` })
  else if (drawn < 0.65)
    state.updateProduct(random.pick([...products.keys()]), { title: `Mug, new ${random.integer(1e6)}` })
  else if (drawn < 0.7) state.createProduct({ title: "New mug", variants: [{ priceCents: 900 }] })
  else if (drawn < 0.8 && old.refunds.length === 0 && old.cancelledAtMs === null) state.refundOrder(old.id)
  else if (drawn < 0.9 && old.cancelledAtMs === null && old.refunds.length === 0) state.cancelOrder(old.id)
  else if (old.fulfilments.length === 0 && old.cancelledAtMs === null) state.fulfilOrder(old.id)
  else order(state, random)
}

/** Things of the shop that the app lacks or has otherwise, and things that it has and the shop lacks. */
async function compare(bed: Bed, shopId: number, { store }: ShopState): Promise<string[]> {
  const { rows } = await bed.pool.query<{
    kind: string
    record_key: string
    fields: Record<string, unknown>
  }>("SELECT kind, record_key, fields FROM shop_records WHERE shop_id = $1 AND NOT deleted", [shopId])
  const have = new Map(rows.map((row) => [`${row.kind} ${row.record_key}`, row.fields]))
  const want = new Map<string, Record<string, unknown>>()
  for (const { id, title, variants } of store.products.values())
    want.set(`product ${id}`, { title, prices: JSON.stringify(variants.map(({ priceCents }) => priceCents)) })
  for (const { id, financialStatus, cancelledAtMs, lines, refunds, fulfilments } of store.orders.values()) {
    want.set(`order ${id}`, {
      financialStatus,
      cancelledAtMs: wholeSeconds(cancelledAtMs),
      lines: lines.length,
    })
    for (const refund of refunds) want.set(`refund ${refund.id}`, { lines: refund.lines.length })
    for (const { id: parcel, status } of fulfilments) want.set(`fulfilment ${parcel}`, { status })
  }
  const missing = [...want].flatMap(([name, fields]) => {
    const held = have.get(name)
    if (!held) return [`${name} is missing`]
    const wrong = Object.entries(fields).filter(([field, value]) => shown(field, held) !== value)
    return wrong.map(([field, value]) => `${name}: ${field} is ${shown(field, held)}, the shop says ${value}`)
  })
  const extra = [...have.keys()].filter(
    (name) => /^(product|order|refund|fulfilment) /.test(name) && !want.has(name),
  )
  // Keys of customers' records are keyed hashes: only their number can be compared.
  const customers = rows.filter(({ kind }) => kind === "customer").length
  return [
    ...missing,
    ...extra.map((name) => `${name} is not in the shop`),
    ...(customers === store.customers.size
      ? []
      : [`${customers} customers, the shop has ${store.customers.size}`]),
  ]
}

const wholeSeconds = (ms: number | null) => (ms === null ? null : Math.floor(ms / 1_000) * 1_000)

function shown(field: string, held: Record<string, unknown>): unknown {
  const list = (value: unknown) => (Array.isArray(value) ? value : [])
  if (field === "prices") return JSON.stringify(list(held.variants).map(({ priceCents }) => priceCents))
  if (field === "lines") return list(held.lines).length
  return held[field]
}
