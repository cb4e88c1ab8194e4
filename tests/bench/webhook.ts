/**
 * Taking a webhook in, at 200 a second, against the least that durability costs.
 *
 * webhook_vs_insert = median ms from sending a signed webhook over HTTP to its 2xx
 *                     ÷ median ms of one committed INSERT of the same bytes into the same table
 *
 * Both go out by the clock, 200 a second, whether or not the ones before are answered.
 */
import { randomBytes, randomUUID } from "node:crypto"
import type { Socket } from "node:net"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { setTimeout as wait } from "node:timers/promises"
import pg from "pg"
import { buildWebIfStale } from "../../app/cli/web-build.ts"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import { webhookHeaders } from "../support/shop/sign-webhook.ts"
import { startChild } from "./child.ts"
import { ask, open } from "./http-load.ts"
import type { Figure } from "./report.ts"
import { figureOf, median, runRounds } from "./rounds.ts"

const PER_SECOND = 200
const DELIVERIES = 600
const shop = "bench-webhooks.myshopify.com"

/** About what an order of three lines weighs. */
function orderBody(n: number): string {
  const line = (at: number) => ({
    id: 10_000 + at,
    product_id: at,
    variant_id: at,
    title: `Product ${at}`,
    quantity: 1,
    price: "19.90",
    price_set: { shop_money: { amount: "19.90", currency_code: "USD" } },
    properties: Array.from({ length: 20 }, (_, property) => ({
      name: `property ${property}`,
      value: "x".repeat(60),
    })),
  })
  return JSON.stringify({
    id: 820_982_911_946_154 + n,
    created_at: "2026-11-24T10:00:00Z",
    updated_at: "2026-11-24T10:00:00Z",
    currency: "USD",
    total_price: "59.70",
    line_items: [line(1), line(2), line(3)],
  })
}

function request(n: number, secret: string): Buffer {
  const body = orderBody(n)
  const headers = {
    ...webhookHeaders({ topic: "orders/create", shop, body, secret }),
    Host: "bench",
    "Content-Length": String(Buffer.byteLength(body)),
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST /webhooks HTTP/1.1\r\n${head.join("")}\r\n${body}`)
}

/** Median milliseconds of calls that begin by the clock. */
async function medianMs(calls: number, call: (n: number) => Promise<void>): Promise<number> {
  const tookMs: number[] = []
  const running: Promise<void>[] = []
  const startedMs = performance.now()
  for (let n = 0; n < calls; n++) {
    const dueMs = startedMs + (n * 1_000) / PER_SECOND
    while (performance.now() < dueMs) await wait(1)
    const sentMs = performance.now()
    const one = call(n).then(() => void tookMs.push(performance.now() - sentMs))
    // Awaited below, all together.
    one.catch(() => undefined)
    running.push(one)
  }
  await Promise.all(running)
  const rate = (calls / (performance.now() - startedMs)) * 1_000
  if (rate < PER_SECOND * 0.95) throw new Error(`only ${rate.toFixed(0)} a second were answered`)
  return median(tookMs)
}

async function taken(shopId: number): Promise<number> {
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ count: number }>("SELECT count(*)::int AS count FROM inbox WHERE door = 'webhook'"),
  )
  return rows[0]?.count ?? 0
}

export async function measureWebhook(rounds: number, say: (text: string) => void): Promise<Figure[]> {
  const secret = process.env.SHOPIFY_API_SECRET ?? ""
  say("webhook: building the pages")
  await buildWebIfStale()
  const shopId = await ensureShop(shop)
  const web = await startChild(join(import.meta.dirname, "..", "..", "app", "cli", "web.ts"), [], {
    PORT: "0",
    METRICS_PORT: "0",
    NODE_ENV: "production",
    LOG_LEVEL: "info", // the default: a line for each request is part of what it costs
  })
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16, idleTimeoutMillis: 0 })
  // Ready before the clock starts: a connection holds for one shop, as nothing else uses it.
  const connections = await Promise.all(Array.from({ length: 16 }, () => pool.connect()))
  for (const client of connections)
    await client.query("SELECT set_config('app.shop_id', $1, false)", [String(shopId)])
  for (const client of connections) client.release()
  const port = Number(new URL(JSON.parse(web.firstLine).listening).port)
  const idle: Socket[] = await Promise.all(Array.from({ length: 16 }, () => open(port)))
  try {
    let sent = 0
    const deliver = () => {
      const requests = Array.from({ length: DELIVERIES }, (_, n) => request(sent + n, secret))
      sent += DELIVERIES
      return medianMs(DELIVERIES, async (n) => {
        const socket = idle.pop() ?? (await open(port))
        const { status, body } = await ask(socket, requests[n] ?? "")
        if (status !== 200 || !body.includes('"accepted":true'))
          throw new Error(`expected a webhook to be taken in, got ${status} ${body.slice(0, 300)}`)
        idle.push(socket)
      })
    }
    const insert = () => {
      const sealed = randomBytes(Buffer.byteLength(orderBody(0)) + 28)
      return medianMs(DELIVERIES, async () => {
        await pool.query(
          `INSERT INTO inbox (shop_id, door, topic, external_id, triggered_at, body, key_day)
           VALUES ($1, 'bench', 'orders/create', $2, now(), $3, now())`,
          [shopId, randomUUID(), sealed],
        )
      })
    }
    const measured = await runRounds(
      [
        { name: "webhook", measure: deliver },
        { name: "insert", measure: insert },
      ],
      rounds,
      (done, kept) => say(`webhook: ${done} rounds, ${kept} of ${rounds} kept`),
    )
    const stored = await taken(shopId)
    if (stored !== sent) throw new Error(`${sent} webhooks were acknowledged, ${stored} are in the inbox`)
    const per = (name: string) => figureOf(measured, (value) => value(name))
    return [
      {
        name: "webhook_vs_insert",
        value: figureOf(measured, (value) => value("webhook") / value("insert")),
        unit: "ratio",
        target: "<= 4",
      },
      { name: "webhook_ms", value: per("webhook"), unit: "ms", target: null },
      { name: "webhook_insert_ms", value: per("insert"), unit: "ms", target: null },
      { name: "webhook_rounds_dropped", value: measured.dropped, unit: `of ${measured.all}`, target: null },
    ]
  } finally {
    for (const socket of idle) socket.destroy()
    await pool.end()
    await web.stop()
  }
}
