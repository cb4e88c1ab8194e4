import { randomUUID } from "node:crypto"
import { afterAll, beforeEach, describe, expect, test } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { signProxyUrl } from "../../tests/support/shop/app-proxy.ts"
import { type SignedWebhook, webhookRequest } from "../../tests/support/shop/sign-webhook.ts"
import { inboxRows, knock, storeToken } from "../../tests/support/webhook-door.ts"
import { acceptDelivery } from "../capture/inbox.server.ts"
import { processPending } from "../capture/work-inbox.server.ts"
import { ensureShop, findShop, listShopIds, prismaWithoutShop, withShopSql } from "../db.server.ts"
import { closeQueue } from "../jobs/open-queue.server.ts"
import { recordInstall } from "../shop/install.server.ts"
import { adminOfShop } from "../shopify.server.ts"
import { loader as block } from "./proxy.block.ts"

testDatabase()
afterAll(closeQueue)

const SECRET = "test-api-secret"

let shop: string
let shopId: number
beforeEach(async () => {
  shop = `s${randomUUID().slice(0, 8)}.myshopify.com`
  shopId = await ensureShop(shop)
})

const deliver = (over: Partial<SignedWebhook> = {}) =>
  knock(
    webhookRequest({
      url: "https://app.test/webhooks",
      topic: "orders/create",
      shop,
      body: '{"id":1001}',
      secret: SECRET,
      ...over,
    }),
  )
const inbox = () => inboxRows(shopId)
const giveToken = (expires: Date) => storeToken(shop, expires)

describe("uninstall", () => {
  const uninstall = (over: Partial<SignedWebhook> = {}) =>
    deliver({
      topic: "app/uninstalled",
      body: JSON.stringify({ id: 7, myshopify_domain: shop }),
      triggeredAt: new Date(Date.now() + 1_000).toISOString(),
      ...over,
    })

  const askBlock = () => {
    const url = new URL("https://app.test/proxy/block?visitor=&product=MUG&count=2")
    const request = new Request(
      signProxyUrl(url, SECRET, {
        shop,
        path_prefix: "/apps/throughline",
        timestamp: String(Math.floor(Date.now() / 1000)),
        logged_in_customer_id: "",
      }),
    )
    return block({ request, params: {}, context: {} })
  }

  test("everything stops with its answer: tokens, jobs, storefront, later webhooks", async () => {
    await giveToken(new Date(Date.now() + 3_600_000))
    await deliver()
    expect((await askBlock()).status).not.toBe(404)
    expect(await listShopIds()).toContain(shopId)

    expect((await uninstall()).status).toBe(200)

    expect((await askBlock()).status).toBe(404)
    expect(await listShopIds()).not.toContain(shopId)
    expect(await prismaWithoutShop().shopifySession.count({ where: { shop } })).toBe(0)
    expect(await adminOfShop(shop)).toBeNull()
    const later = await deliver()
    expect([later.status, await later.json()]).toEqual([200, { accepted: false }])
    expect(await inbox()).toHaveLength(2)
  })

  test("what waited is worked off to nothing, whichever door it came in by", async () => {
    await deliver()
    const seen = { shopper: { kind: "browser", name: "b" }, events: [{ type: "page_view", at: Date.now() }] }
    await acceptDelivery(shopId, {
      door: "block",
      topic: "events",
      externalId: "1",
      triggeredAt: null,
      body: JSON.stringify(seen),
    })
    await uninstall()
    await processPending(shopId, 10)
    expect(await inbox()).toMatchObject([
      { topic: "orders/create", state: "dropped" },
      { topic: "events", state: "dropped" },
      { topic: "app/uninstalled", state: "done" },
    ])
  })

  test("people's requests are still taken in", async () => {
    await uninstall()
    for (const topic of ["customers/data_request", "customers/redact", "shop/redact"]) {
      const answer = await deliver({ topic, body: JSON.stringify({ shop_domain: shop }) })
      expect([answer.status, await answer.json()]).toEqual([200, { accepted: true }])
    }
    expect(await inbox()).toHaveLength(4)
  })

  test("a message from before the shop came back stops nothing, now or when it is worked off", async () => {
    const left = new Date(Date.now() - 60_000)
    await withShopSql(shopId, (client) =>
      client.query("UPDATE shops SET installed_at = now() - interval '1 day', uninstalled_at = $1", [left]),
    )
    await recordInstall(shop, ["read_orders"], new Date())
    await giveToken(new Date(Date.now() + 3_600_000))

    expect((await uninstall({ triggeredAt: left.toISOString() })).status).toBe(200)
    await processPending(shopId, 10)

    expect(await findShop(shop)).toEqual({ shopId, installed: true })
    expect(await prismaWithoutShop().shopifySession.count({ where: { shop } })).toBe(1)
    expect(await inbox()).toMatchObject([{ topic: "app/uninstalled", state: "done" }])
  })

  test("the very message that ended an install before, sent again, stops nothing", async () => {
    const webhookId = randomUUID()
    await uninstall({ webhookId })
    await recordInstall(shop, ["read_orders"], new Date())
    const later = new Date(Date.now() + 60_000).toISOString()
    expect((await uninstall({ webhookId, triggeredAt: later })).status).toBe(200)
    expect(await findShop(shop)).toEqual({ shopId, installed: true })
  })

  test("another shop's message, sent again in this shop's name, stops nothing", async () => {
    const answer = await uninstall({ body: JSON.stringify({ myshopify_domain: "other.myshopify.com" }) })
    expect(answer.status).toBe(200)
    await processPending(shopId, 10)
    expect(await findShop(shop)).toEqual({ shopId, installed: true })
    expect(await inbox()).toMatchObject([{ topic: "app/uninstalled", state: "dropped" }])
  })

  test("a shop that comes back has its number, a new day of install, and answers again", async () => {
    await uninstall()
    const before = new Date()
    expect(await recordInstall(shop, ["read_orders"], new Date())).toBe(shopId)
    const { rows } = await withShopSql(shopId, (client) => client.query("SELECT * FROM shops"))
    expect(rows).toMatchObject([{ uninstalled_at: null, scopes: "read_orders" }])
    expect(rows[0].installed_at.getTime()).toBeGreaterThanOrEqual(before.getTime() - 1)
    expect((await askBlock()).status).not.toBe(404)
  })
})

describe("scopes", () => {
  const scopesOf = async () => {
    const { rows } = await withShopSql(shopId, (client) => client.query("SELECT scopes FROM shops"))
    return rows[0].scopes
  }
  const update = (current: string[], updatedAt: string) =>
    deliver({
      topic: "app/scopes_update",
      body: JSON.stringify({ id: 1, previous: [], current, updated_at: updatedAt }),
    })

  test("what the merchant allows is kept, and the newest wins whatever comes first", async () => {
    await giveToken(new Date(Date.now() + 3_600_000))
    await update(["read_orders", "read_all_orders"], "2026-11-24T12:00:00Z")
    await update(["read_orders"], "2026-11-24T11:00:00Z")
    await processPending(shopId, 10)
    expect(await scopesOf()).toBe("read_all_orders,read_orders")
    const session = await prismaWithoutShop().shopifySession.findFirst({ where: { shop } })
    expect(session?.scope).toBe("read_all_orders,read_orders")
  })

  const historyAskedFor = async () => {
    const { rows } = await withShopSql(shopId, (client) =>
      client.query<{ kind: string }>("SELECT kind FROM import_runs WHERE kind LIKE 'history%' ORDER BY kind"),
    )
    return rows.map(({ kind }) => kind)
  }
  const open = (scopes = ["read_orders", "read_customers"]) => recordInstall(shop, scopes, new Date())

  test("members of staff who open the app at once leave one install, which asks for its history once", async () => {
    await Promise.all([open(), open(), open(), open()])
    expect(await scopesOf()).toBe("read_customers,read_orders")
    const asked = await historyAskedFor()
    expect(asked).toContain("history_orders")
    expect(new Set(asked).size).toBe(asked.length)
  })

  test("history is asked for again after the shop came back, and all of it once that is allowed", async () => {
    await open()
    await open()
    const once = await historyAskedFor()
    await deliver({ topic: "app/uninstalled", body: JSON.stringify({ myshopify_domain: shop }) })
    await open()
    expect(await historyAskedFor()).toEqual(once.flatMap((kind) => [kind, kind]))
    await update(["read_all_orders", "read_orders"], new Date(Date.now() + 1_000).toISOString())
    await processPending(shopId, 10)
    expect(await historyAskedFor()).toEqual(
      ["history_all_orders", ...once.flatMap((kind) => [kind, kind])].sort(),
    )
  })
})
