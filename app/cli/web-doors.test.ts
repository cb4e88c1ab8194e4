import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { signSessionToken } from "../../tests/support/shop/admin/session-token.ts"
import { signProxyUrl } from "../../tests/support/shop/app-proxy.ts"
import { type SignedWebhook, webhookHeaders } from "../../tests/support/shop/sign-webhook.ts"
import { ensureShop, findShop, prismaWithoutShop, withShopSql } from "../db.server.ts"
import { buildWebIfStale } from "./web-build.ts"

testDatabase()

const NEW_SECRET = "the-new-secret"
const OLD_SECRET = "the-secret-before"
const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36"

/** The one thing that is not ours: Shopify's exchange of a session token for an access token. */
const exchanges: Record<string, string>[] = []
const shopify = createServer(async (request, response) => {
  exchanges.push(Object(await json(request)))
  const token = {
    access_token: `shpat_${exchanges.length}`,
    scope: "read_orders,write_products",
    expires_in: 3_600,
    refresh_token: "shprt_1",
    refresh_token_expires_in: 7_776_000,
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(token))
})

const started: ChildProcess[] = []

/** A web process in the middle of a rotation of its secret. */
async function startWeb(variables: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "web.ts")], {
    env: {
      ...process.env,
      PORT: "0",
      METRICS_PORT: "0",
      SHOPIFY_API_SECRET: NEW_SECRET,
      SHOPIFY_API_SECRET_OLD: OLD_SECRET,
      SIMULATED_SHOP_URL: `http://127.0.0.1:${(shopify.address() as AddressInfo).port}`,
      ...variables,
    },
    stdio: ["ignore", "pipe", "inherit"],
  })
  started.push(child)
  const [line] = await once(child.stdout ?? child, "data")
  return JSON.parse(String(line)).listening
}

let web: string

beforeAll(async () => {
  await buildWebIfStale()
  await new Promise<void>((done) => shopify.listen(0, "127.0.0.1", done))
  web = await startWeb()
}, 150_000)
afterAll(() => {
  for (const child of started) child.kill("SIGKILL")
  shopify.close()
  shopify.closeAllConnections()
})

const webhook = (shop: string, over: Partial<SignedWebhook> = {}) => {
  const given = { topic: "orders/create", shop, body: '{"id":1}', secret: NEW_SECRET, ...over }
  return { method: "POST", headers: webhookHeaders(given), body: given.body as BodyInit }
}
const post = (init: RequestInit, at = web) => fetch(`${at}/webhooks`, init)

async function inboxOf(domain: string): Promise<number> {
  const shop = await findShop(domain)
  return withShopSql(shop?.shopId ?? 0, async (client) => {
    const { rows } = await client.query<{ count: number }>("SELECT count(*)::int AS count FROM inbox")
    return rows[0]?.count ?? 0
  })
}

describe("webhooks over HTTP", () => {
  test("the bytes are verified as they came, whatever they are and whichever secret signed them", async () => {
    const shop = "bytes.myshopify.com"
    await ensureShop(shop)
    const bytes = Uint8Array.from({ length: 4_096 }, (_, at) => (at * 37) % 256)
    expect((await post(webhook(shop, { body: bytes }))).status).toBe(200)
    expect((await post(webhook(shop, { body: '{"note":"日本 é"}', secret: OLD_SECRET }))).status).toBe(200)
    expect((await post(webhook(shop, { secret: "another-secret" }))).status).toBe(401)
    expect(await inboxOf(shop)).toBe(2)
  })

  test("5 MiB is taken; more is refused before it is all here, with its length given or not", async () => {
    const shop = "large.myshopify.com"
    await ensureShop(shop)
    expect((await post(webhook(shop, { body: "x".repeat(5 << 20) }))).status).toBe(200)
    expect((await post(webhook(shop, { body: "x".repeat((5 << 20) + 1) }))).status).toBe(413)
    const endless = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 96; part++) controller.enqueue(new Uint8Array(65_536))
        controller.close()
      },
    })
    const { headers } = webhook(shop)
    const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body: endless, duplex: "half" }
    expect((await post(init)).status).toBe(413)
    expect(await inboxOf(shop)).toBe(1)
  })

  test("another method, and a body that would have to be unpacked first, are refused", async () => {
    const { method: _, body: __, headers } = webhook("large.myshopify.com")
    for (const method of ["GET", "HEAD", "PUT", "DELETE"])
      expect([method, (await fetch(`${web}/webhooks`, { method, headers })).status]).toEqual([method, 405])
    const packed = webhook("large.myshopify.com")
    const answer = await post({ ...packed, headers: { ...packed.headers, "Content-Encoding": "gzip" } })
    expect(answer.status).toBe(415)
  })

  test("without a queue they are taken all the same", async () => {
    const shop = "no-queue.myshopify.com"
    await ensureShop(shop)
    const at = await startWeb({ REDIS_URL: "redis://127.0.0.1:1" })
    for (let sent = 0; sent < 3; sent++) expect((await post(webhook(shop), at)).status).toBe(200)
    expect(await inboxOf(shop)).toBe(3)
  })

  test("without a database the answer is to send again", async () => {
    const at = await startWeb({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" })
    expect((await post(webhook("any.myshopify.com"), at)).status).toBe(503)
  })
})

const openAdmin = (shopDomain: string, apiSecret = NEW_SECRET) => {
  const options = { apiKey: "test-api-key", apiSecret, shopDomain, shopName: "Shop", currency: "USD" }
  const query = new URLSearchParams({
    embedded: "1",
    shop: shopDomain,
    host: Buffer.from(`admin.shopify.com/store/${shopDomain.split(".")[0]}`).toString("base64url"),
    id_token: signSessionToken(options, Date.now()),
  })
  return fetch(`${web}/app?${query}`, { redirect: "manual", headers: { "user-agent": BROWSER } })
}

const exchangesWithin = async (work: () => Promise<unknown>) => {
  const before = exchanges.length
  await work()
  return exchanges.slice(before)
}

describe("install", () => {
  test("the first page that is opened installs: the shop, what it allows, one token", async () => {
    const shop = "first.myshopify.com"
    expect((await openAdmin(shop)).status).toBe(200)
    const known = await findShop(shop)
    expect(known?.installed).toBe(true)
    const { rows } = await withShopSql(known?.shopId ?? 0, (client) =>
      client.query("SELECT scopes FROM shops"),
    )
    expect(rows).toEqual([{ scopes: "read_orders,write_products" }])
    expect(await prismaWithoutShop().shopifySession.count({ where: { shop } })).toBe(1)
  })

  test("two members of staff who open it at once leave one shop and one token", async () => {
    const shop = "two-at-once.myshopify.com"
    const answers = await Promise.all([openAdmin(shop), openAdmin(shop), openAdmin(shop)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await prismaWithoutShop().shopifySession.count({ where: { shop } })).toBe(1)
  })

  test("a session token under the old secret is good, and its exchange is asked for under the new one", async () => {
    const shop = "rotating.myshopify.com"
    const asked = await exchangesWithin(async () =>
      expect((await openAdmin(shop, OLD_SECRET)).status).toBe(200),
    )
    expect(asked).toMatchObject([{ client_id: "test-api-key", client_secret: NEW_SECRET, expiring: "1" }])
    // The stored token serves both.
    const again = await exchangesWithin(async () => {
      expect((await openAdmin(shop, OLD_SECRET)).status).toBe(200)
      expect((await openAdmin(shop, NEW_SECRET)).status).toBe(200)
    })
    expect(again).toEqual([])
    expect((await openAdmin(shop, "another-secret")).status).toBe(302)
  })

  test("after an uninstall the storefront is refused at once, and opening the app again brings new tokens", async () => {
    const shop = "comes-back.myshopify.com"
    const askBlock = async () => {
      const url = new URL(`${web}/proxy/block?visitor=&product=MUG&count=2`)
      const signed = signProxyUrl(url, NEW_SECRET, {
        shop,
        path_prefix: "/apps/throughline",
        timestamp: String(Math.floor(Date.now() / 1000)),
        logged_in_customer_id: "",
      })
      return (await fetch(signed, { headers: { "user-agent": BROWSER } })).status
    }
    await openAdmin(shop)
    expect(await askBlock()).not.toBe(404)
    const uninstalled = webhook(shop, {
      topic: "app/uninstalled",
      body: JSON.stringify({ myshopify_domain: shop }),
    })
    expect((await post(uninstalled)).status).toBe(200)
    expect(await askBlock()).toBe(404)
    const asked = await exchangesWithin(async () => expect((await openAdmin(shop)).status).toBe(200))
    expect(asked).toHaveLength(1)
    expect(await askBlock()).not.toBe(404)
    // The same message once more, late: it was about the install before.
    expect((await post(uninstalled)).status).toBe(200)
    expect(await askBlock()).not.toBe(404)
  })
})
