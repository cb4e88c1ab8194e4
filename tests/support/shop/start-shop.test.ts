import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { verifyProxySignature } from "../../../app/shop/proxy-signature.ts"
import { type SimulatedShop, startSimulatedShop } from "./start-shop.ts"

const secret = "a-secret-of-the-app"
const asked: { url: string; method: string; body: string; cookie: string | undefined }[] = []
let app: Server
let shop: SimulatedShop

beforeAll(async () => {
  app = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    asked.push({ url: request.url ?? "", method: request.method ?? "", body, cookie: request.headers.cookie })
    response.setHeader("Content-Type", "application/json")
    response.setHeader("Set-Cookie", "app=1")
    response.end("{}")
  })
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve))
  shop = await startSimulatedShop({
    appUrl: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
    apiKey: "key",
    apiSecret: secret,
    shopDomain: "larkfield-home.myshopify.com",
    catalogue: [
      { item: "MUG-1", title: "Round mug", category: "Mugs", priceCents: 1250, currency: "GBP" },
      { item: "MUG-2", title: "Tall mug", category: "Mugs", priceCents: 1400, currency: "GBP" },
      {
        item: "MUG-3",
        title: "Gone mug",
        category: "Mugs",
        priceCents: 900,
        currency: "GBP",
        available: false,
      },
    ],
    shoppers: [{ id: "1001", label: "Ada" }],
  })
  shop.setSlate("MUG-1", ["MUG-3", "nothing", "MUG-2"])
})

afterAll(async () => {
  await shop.close()
  app.close()
})

const last = () => asked.at(-1) ?? { url: "", method: "", body: "", cookie: undefined }

test("the proxy signs as Shopify does: the app takes what it forwards, with the customer who is logged in", async () => {
  const answer = await fetch(`${shop.url}/apps/throughline/block?product=MUG-1&count=4`, {
    headers: { Cookie: "shop_customer=1001" },
  })
  const url = new URL(last().url, "http://app")
  expect(url.pathname).toBe("/proxy/block")
  expect(verifyProxySignature(url, [secret], Date.now())).toEqual({
    shopDomain: "larkfield-home.myshopify.com",
    loggedInCustomerId: "1001",
  })
  expect(last().cookie).toBeUndefined()
  expect(answer.headers.get("set-cookie")).toBeNull()
})

test("a visitor cannot sign in as somebody by writing it into the address", async () => {
  await fetch(`${shop.url}/apps/throughline/block?logged_in_customer_id=1001&shop=other.myshopify.com`)
  const url = new URL(last().url, "http://app")
  expect(verifyProxySignature(url, [secret], Date.now())).toEqual({
    shopDomain: "larkfield-home.myshopify.com",
    loggedInCustomerId: null,
  })
})

test("a body goes through the proxy as it came", async () => {
  await fetch(`${shop.url}/apps/throughline/events`, { method: "POST", body: '{"a":"é"}' })
  expect(last()).toMatchObject({ method: "POST", body: '{"a":"é"}' })
})

test("when the app is down the visitor gets a 502, and the page still has its default slate", async () => {
  const lonely = await startSimulatedShop({
    appUrl: "http://127.0.0.1:1",
    apiKey: "key",
    apiSecret: secret,
    shopDomain: "larkfield-home.myshopify.com",
    catalogue: [
      { item: "MUG-1", title: "Round mug" },
      { item: "MUG-2", title: "Tall mug" },
    ],
  })
  lonely.setSlate("MUG-1", ["MUG-2"])
  expect((await fetch(`${lonely.url}/apps/throughline/block`)).status).toBe(502)
  const page = await (await fetch(lonely.productUrl("MUG-1"))).text()
  expect(page).toContain('<li class="tl-card" data-product="MUG-2"')
  await lonely.close()
})

test("a product page renders the extension's block with what is on sale", async () => {
  const page = await (await fetch(shop.productUrl("MUG-1"))).text()
  expect([...page.matchAll(/class="tl-card" data-product="([^"]+)"/g)].map(([, item]) => item)).toEqual([
    "MUG-2",
  ])
})

test("a basket holds what is added until it is paid for", async () => {
  const added = await fetch(`${shop.url}/cart/add`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ item: "MUG-2", quantity: "3" }),
  })
  const cookie = added.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  const page = await (await fetch(`${shop.url}/cart`, { headers: { Cookie: cookie } })).text()
  expect(page).toContain("£42.00")
})

const cookiesOf = (answer: Response) =>
  answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "")
const post = (path: string, body: Record<string, string>, cookie = "") =>
  fetch(`${shop.url}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: { Cookie: cookie },
    body: new URLSearchParams(body),
  })

test("what is paid for becomes an order of the cart, of a customer whom the shop knows from then on", async () => {
  const [cart = ""] = cookiesOf(await post("/cart/add", { item: "MUG-1", quantity: "2" }))
  const token = decodeURIComponent(cart.replace("cart=", "")).split("?")[0]
  expect(shop.state.store.carts.get(token ?? "")?.lines).toMatchObject([{ productId: "MUG-1", quantity: 2 }])
  await fetch(`${shop.url}/checkout`, { headers: { Cookie: cart } })
  const paid = await post(
    "/checkout",
    { email: "Guest@example.test", name: "Gerda Guest", shipping: "express" },
    cart,
  )
  expect(paid.headers.get("location")).toBe("/thanks")
  const order = [...shop.state.store.orders.values()].at(-1)
  expect(order).toMatchObject({ cartToken: token, email: "Guest@example.test", shippingCents: 995 })
  expect(shop.state.store.customers.get(order?.customerId ?? "")).toMatchObject({
    email: "Guest@example.test",
    firstName: "Gerda",
    state: "disabled",
  })
  // The basket is empty, and paying once more buys nothing.
  expect(await (await fetch(`${shop.url}/cart`, { headers: { Cookie: cart } })).text()).not.toContain(
    "Round mug",
  )
  const before = shop.state.store.orders.size
  await post("/checkout", { email: "guest@example.test", name: "Gerda Guest" }, cart)
  expect(shop.state.store.orders.size).toBe(before)
})

test("a guest with an address that the shop knows is that customer, and one who is logged in is themselves", async () => {
  const buy = async (email: string, also = "") => {
    const [cart = ""] = cookiesOf(await post("/cart/add", { item: "MUG-2" }))
    await post("/checkout", { email, name: "Ada" }, `${cart}; ${also}`)
    return [...shop.state.store.orders.values()].at(-1)?.customerId
  }
  const first = await buy("ada@example.test")
  expect(await buy("ADA@example.test")).toBe(first)
  expect(await buy("other@example.test", "shop_customer=1001")).toBe("1001")
})

test("the admin shows what an app asks for, and only a click lets it in", async () => {
  const fresh = await startSimulatedShop({
    appUrl: "http://127.0.0.1:1",
    apiKey: "key",
    apiSecret: secret,
    shopDomain: "fresh.myshopify.com",
    catalogue: [{ item: "MUG-1", title: "Round mug" }],
    installed: false,
  })
  const admin = async () => (await fetch(fresh.adminUrl())).text()
  const click = (path: string) => fetch(`${fresh.url}${path}`, { method: "POST", redirect: "manual" })
  expect(await admin()).toContain("write_products")
  expect(await admin()).not.toContain("<iframe")
  expect((await fetch(`${fresh.url}/admin/session-token`)).status).toBe(403)
  const told: string[] = []
  fresh.state.onChange(({ topic }) => told.push(topic))
  await click("/admin/install")
  expect(fresh.state.store.installation.scopes).toContain("read_orders")
  expect(await admin()).toContain("<iframe")
  await click("/admin/uninstall")
  expect(await admin()).toContain("Let the 48 hours pass now")
  await click("/admin/two-days-later")
  expect(told).toEqual(["app/uninstalled", "shop/redact"])
  await fresh.close()
})

test("the storefront API names price and availability, and null for what is not there", async () => {
  const answer = await fetch(`${shop.url}/api/2026-07/graphql.json`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      query: "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
      variables: { ids: ["gid://shopify/Product/MUG-3", "gid://shopify/Product/none"] },
    }),
  })
  const { data } = Object(await answer.json())
  expect(data.nodes).toMatchObject([{ title: "Gone mug", availableForSale: false }, null])
})

test("slates that the app writes as metafields are what the page shows", async () => {
  const id = (item: string) => `gid://shopify/Product/${item}`
  shop.state.setMetafield({
    ownerId: id("MUG-2"),
    namespace: "$app",
    key: "recommendations",
    type: "list.product_reference",
    value: JSON.stringify([id("MUG-1")]),
  })
  const page = await (await fetch(shop.productUrl("MUG-2"))).text()
  expect(page).toContain('<li class="tl-card" data-product="MUG-1"')
})

test("a redirect never leaves the shop", async () => {
  for (const to of ["//evil.test/", "https://evil.test/", "/\\evil.test"]) {
    const answer = await fetch(`${shop.url}/demo/as/1001?to=${encodeURIComponent(to)}`, {
      redirect: "manual",
    })
    expect(answer.headers.get("location")).toBe("/")
  }
})
