import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { answerTokenRequest } from "../../tests/support/shop/admin/oauth.ts"
import { signSessionToken } from "../../tests/support/shop/admin/session-token.ts"
import { signProxyUrl } from "../../tests/support/shop/app-proxy.ts"
import { makeShopState } from "../../tests/support/shop/state.ts"
import { ensureShop, prismaWithoutShop, withShop } from "../db.server.ts"
import { asAdmin } from "./prepare-database.ts"
import { buildWebIfStale } from "./web-build.ts"

testDatabase()

const BROWSER =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36"

type Web = {
  child: ChildProcess
  url: string
  metrics: string
  log: () => string
  ended: Promise<number | null>
}

const started: ChildProcess[] = []

function spawnWeb(variables: Record<string, string | undefined>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "web.ts")], {
    env: { ...process.env, LOG_LEVEL: "debug", PORT: "0", METRICS_PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  })
  started.push(child)
  let log = ""
  child.stderr.on("data", (chunk) => {
    log += chunk
  })
  const ended = once(child, "close").then(([code]) => code as number | null)
  return { child, ended, log: () => log }
}

async function startWeb(variables: Record<string, string | undefined> = {}): Promise<Web> {
  const { child, ended, log } = spawnWeb(variables)
  const line = await Promise.race([
    once(child.stdout ?? child, "data").then(([chunk]) => String(chunk)),
    ended.then((code) => Promise.reject(new Error(`web ended with ${code}: ${log()}`))),
  ])
  const { listening, metrics } = JSON.parse(line)
  return { child, url: listening, metrics, ended, log }
}

async function stopWeb(web: Web): Promise<void> {
  web.child.kill("SIGTERM")
  await web.ended
}

const secrets = { apiKey: "test-api-key", apiSecret: "test-api-secret" }
const optionsOf = (shopDomain: string) => ({ ...secrets, shopDomain })

/** The one thing that is not ours: Shopify's exchange of a session token for an access token. */
let exchanges = 0
const shopify = createServer(async (request, response) => {
  exchanges++
  const state = makeShopState({ ...secrets, domain: String(request.headers["x-simulated-shop"]) })
  state.install(["write_products", "read_orders", "read_customers"])
  const { status, body } = answerTokenRequest(state, JSON.parse(await text(request)))
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
})

const shopifyUrl = () => `http://127.0.0.1:${(shopify.address() as AddressInfo).port}`

/** A web process that most tests share. */
let web: Web

beforeAll(async () => {
  await buildWebIfStale()
  await new Promise<void>((done) => shopify.listen(0, "127.0.0.1", done))
  web = await startWeb({ SIMULATED_SHOP_URL: shopifyUrl() })
}, 150_000)
afterAll(async () => {
  await stopWeb(web)
  shopify.close()
  shopify.closeAllConnections()
  for (const child of started) if (child.exitCode === null) child.kill("SIGKILL")
})

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { redirect: "manual", headers: { "user-agent": BROWSER, ...headers } })

test("a start with a variable missing names it and its meaning", async () => {
  const { ended, log } = spawnWeb({ SHOPIFY_API_SECRET: undefined })
  expect(await ended).toBe(1)
  expect(log()).toContain("SHOPIFY_API_SECRET: it is not set")
})

test("a simulated shop is refused in production", async () => {
  const { ended, log } = spawnWeb({ NODE_ENV: "production", SIMULATED_SHOP_URL: "http://127.0.0.1:1" })
  expect(await ended).toBe(1)
  expect(log()).toContain("SIMULATED_SHOP_URL")
})

test("a taken port is named, with the variable that chooses it", async () => {
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done))
  const { port } = taken.address() as AddressInfo
  const { ended, log } = spawnWeb({ PORT: String(port) })
  expect(await ended).toBe(1)
  expect(log()).toContain(`PORT: cannot listen on 127.0.0.1:${port}`)
  taken.close()
})

describe("health", () => {
  test("/healthz says that the process lives", async () => {
    const answer = await get(`${web.url}/healthz`)
    expect([answer.status, await answer.json()]).toEqual([200, { alive: true }])
  })

  test("/readyz needs every migration, and shows the scorer without needing it", async () => {
    const before = await get(`${web.url}/readyz`)
    expect(before.status).toBe(200)
    expect(await before.json()).toMatchObject({ ready: true, scorer: { loadedModels: 0 } })

    const owner = process.env.DATABASE_OWNER_URL ?? ""
    await asAdmin(owner, (client) => client.query("UPDATE _prisma_migrations SET finished_at = NULL"))
    const during = await get(`${web.url}/readyz`)
    expect([during.status, await during.json()]).toEqual([
      503,
      expect.objectContaining({ ready: false, reason: "migrations" }),
    ])
    await asAdmin(owner, (client) => client.query("UPDATE _prisma_migrations SET finished_at = now()"))
    expect((await get(`${web.url}/readyz`)).status).toBe(200)
  })

  test("/metrics is on the private port alone, and labels requests by route", async () => {
    await get(`${web.url}/healthz`)
    const metrics = await (await get(`${web.metrics}/metrics`)).text()
    expect(metrics).toContain(
      'throughline_http_request_seconds_count{method="GET",route="/healthz",status="2xx"}',
    )
    expect(metrics).toContain("nodejs_eventloop_lag_seconds")
    expect(metrics).toContain('throughline_scorer{figure="loaded_models"} 0')
    expect(metrics).toContain('throughline_queue_jobs{state="waiting"} 0')
    expect(metrics).toContain("throughline_fallbacks_total")
    expect((await get(`${web.url}/metrics`)).status).toBe(404)
  })

  test("what leads nowhere is a plain 404, and the manifest endpoint is closed", async () => {
    expect((await get(`${web.url}/nowhere`)).status).toBe(404)
    expect((await get(`${web.url}/__manifest?p=/app&version=1`)).status).toBe(404)
  })

  test("a body over the cap is refused before any route reads it", async () => {
    const post = (bytes: number, body: BodyInit = "x".repeat(bytes)) =>
      fetch(`${web.url}/app`, {
        method: "POST",
        body,
        headers: { "user-agent": BROWSER },
        duplex: "half",
      } as RequestInit)
    expect((await post(1_048_577)).status).toBe(413)
    const chunked = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 20; part++) controller.enqueue(new Uint8Array(65_536))
        controller.close()
      },
    })
    expect((await post(0, chunked)).status).toBe(413)
    const toProxy = await fetch(`${web.url}/proxy/block`, { method: "POST", body: "x".repeat(65_537) })
    expect(toProxy.status).toBe(413)
  })

  test("assets may be kept for a year, answers may not be framed or sniffed", async () => {
    const login = await get(`${web.url}/auth/login`)
    expect(login.headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
    expect(login.headers.get("x-content-type-options")).toBe("nosniff")
    const asset = /\/assets\/[^"]+\.js/.exec(await login.text())?.[0]
    const answer = await get(`${web.url}${asset}`)
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ])
  })
})

test("/readyz says no while the database cannot be reached, and /healthz still says yes", async () => {
  const web = await startWeb({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" })
  const answer = await get(`${web.url}/readyz`)
  expect([answer.status, await answer.json()]).toEqual([
    503,
    expect.objectContaining({ ready: false, reason: "database" }),
  ])
  expect((await get(`${web.url}/healthz`)).status).toBe(200)
  await stopWeb(web)
})

describe("SIGTERM", () => {
  /** A POST whose second half is still to come. */
  async function halfRequest(web: Web) {
    const socket = connect(Number(new URL(web.url).port), "127.0.0.1")
    await once(socket, "connect")
    socket.write(
      "POST /auth/login HTTP/1.1\r\nHost: app.test\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhello",
    )
    // The server has read the head once it has answered something that came after.
    await get(`${web.url}/healthz`)
    return socket
  }

  test("what was begun is finished, nothing new is taken, and the process ends well", async () => {
    const web = await startWeb()
    const socket = await halfRequest(web)
    web.child.kill("SIGTERM")
    await expect
      .poll(() =>
        get(`${web.url}/healthz`).then(
          () => "taken",
          () => "refused",
        ),
      )
      .toBe("refused")
    socket.write("world")
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 \d{3}/)
    expect(await web.ended).toBe(0)
  })

  test("a decision that was answered is on record afterwards", async () => {
    const shopDomain = "record.myshopify.com"
    const shopId = await ensureShop(shopDomain)
    await withShop(shopId, (tx) =>
      tx.product.createMany({
        data: ["mug", "bowl", "plate", "spoon"].map((externalId) => ({
          shopId,
          externalId,
          title: externalId,
        })),
      }),
    )
    const web = await startWeb()
    const asked = `${web.url}/proxy/block?${new URLSearchParams({ visitor: "", product: "mug", count: "3" })}`
    const answer = await get(
      signProxyUrl(new URL(asked), "test-api-secret", {
        shop: shopDomain,
        path_prefix: "/apps/throughline",
        timestamp: String(Math.floor(Date.now() / 1000)),
        logged_in_customer_id: "",
      }).href,
    )
    web.child.kill("SIGTERM")
    expect(answer.status).toBe(200)
    const { decisionId } = (await answer.json()) as { decisionId: string }
    expect(await web.ended).toBe(0)
    expect(await withShop(shopId, (tx) => tx.decision.count({ where: { decisionId } }))).toBe(1)
  })

  test("a request that never ends does not keep the process", async () => {
    const web = await startWeb({ DRAIN_SECONDS: "1" })
    const socket = await halfRequest(web)
    // The cut connection is the point.
    socket.on("error", () => undefined)
    web.child.kill("SIGTERM")
    expect(await web.ended).toBe(0)
    socket.destroy()
  })
})

describe("the admin", () => {
  const page = (shopDomain: string, query: Record<string, string> = {}) => {
    const name = shopDomain.split(".")[0]
    const host = Buffer.from(`admin.shopify.com/store/${name}`).toString("base64url")
    return `${web.url}/app?${new URLSearchParams({ embedded: "1", shop: shopDomain, host, ...query })}`
  }
  const token = (shopDomain: string) => signSessionToken(optionsOf(shopDomain), Date.now())
  const open = (shopDomain: string) => get(page(shopDomain, { id_token: token(shopDomain) }))

  async function shopWithImport(domain: string, reason: string): Promise<number> {
    const shopId = await ensureShop(domain)
    await withShop(shopId, (tx) =>
      tx.importRun.create({
        data: {
          shopId,
          kind: "events",
          state: "done",
          rowsRead: 1234n,
          rowsAdded: 1200n,
          rowsAside: { [reason]: 34 },
        },
      }),
    )
    return shopId
  }

  test("without a token a page is sent to fetch one, and data is refused", async () => {
    const visit = await get(page("one.myshopify.com"))
    expect(visit.status).toBe(302)
    expect(visit.headers.get("location")).toMatch(/^\/auth\/session-token\?/)
    const forged = `${token("one.myshopify.com").slice(0, -3)}abc`
    const data = await get(`${web.url}/app.data`, { authorization: `Bearer ${forged}` })
    expect(data.status).toBe(401)
    expect(data.headers.get("x-shopify-retry-invalid-session-request")).toBe("1")
    const other = signSessionToken(
      { ...optionsOf("one.myshopify.com"), apiSecret: "another-secret" },
      Date.now(),
    )
    expect((await get(page("one.myshopify.com", { id_token: other }))).status).toBe(302)
    const old = signSessionToken(optionsOf("one.myshopify.com"), Date.now() - 3_600_000)
    expect((await get(page("one.myshopify.com", { id_token: old }))).status).toBe(302)
  })

  test("with a token the shop's own imports are there, framed by its admin alone", async () => {
    await shopWithImport("one.myshopify.com", "reason_of_one")
    const answer = await open("one.myshopify.com")
    expect(answer.status).toBe(200)
    expect(answer.headers.get("content-security-policy")).toContain("https://one.myshopify.com")
    const html = (await answer.text()).replaceAll("<!-- -->", "")
    expect(html).toContain("1,234 rows read")
    expect(html).toContain("Reason of one: 34 rows")
  })

  test("another shop's token shows nothing of the first, whatever shop the address names", async () => {
    await shopWithImport("one.myshopify.com", "reason_of_one")
    await shopWithImport("two.myshopify.com", "reason_of_two")
    const own = await (await open("two.myshopify.com")).text()
    expect(own).toContain("Reason of two")
    expect(own).not.toContain("Reason of one")
    const disguised = await get(page("one.myshopify.com", { id_token: token("two.myshopify.com") }))
    const html = await disguised.text()
    expect(html).toContain("Reason of two")
    expect(html).not.toContain("Reason of one")
  })

  test("the loaders of one first page exchange its token once, and it is sealed at rest", async () => {
    const before = exchanges
    expect((await open("fresh.myshopify.com")).status).toBe(200)
    expect(exchanges - before).toBe(1)
    expect((await open("fresh.myshopify.com")).status).toBe(200)
    expect(exchanges - before).toBe(1)
    const kept = await prismaWithoutShop().shopifySession.findFirstOrThrow({
      where: { shop: "fresh.myshopify.com" },
    })
    expect(kept.accessToken).not.toContain("shpat_")
    expect(kept.refreshToken).not.toContain("shprt_")
    expect(kept.email).toBeNull()
  })

  test("no log line holds a token or an address", async () => {
    const idToken = token("one.myshopify.com")
    await get(page("one.myshopify.com", { id_token: idToken }))
    await get(`${web.url}/app.data`, { authorization: `Bearer ${idToken}` })
    await expect.poll(web.log).toContain('"route":"/app.data"')
    expect(web.log()).not.toContain(idToken.slice(0, 30))
    expect(web.log()).not.toContain("myshopify.com")
  })

  test("a bot gets no page", async () => {
    const url = page("one.myshopify.com", { id_token: token("one.myshopify.com") })
    expect((await fetch(url, { headers: { "user-agent": "Googlebot/2.1" } })).status).toBe(410)
  })

  test("the page that fetches a token loads App Bridge", async () => {
    const bounce = await get(`${web.url}/auth/session-token?shop=one.myshopify.com&host=x&embedded=1`)
    expect(bounce.status).toBe(200)
    expect(bounce.headers.get("content-security-policy")).toContain(`frame-ancestors ${shopifyUrl()} `)
    expect(await bounce.text()).toContain(`${shopifyUrl()}/app-bridge.js`)
  })
})
