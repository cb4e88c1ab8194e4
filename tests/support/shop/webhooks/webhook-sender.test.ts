import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { knownTopic } from "../../../../app/shop/webhook-topics.ts"
import { signWebhook } from "../sign-webhook.ts"
import { makeShopState } from "../state.ts"
import type { SenderKnobs } from "./sender-knobs.ts"
import { parseSubscriptions, readSubscriptions } from "./subscriptions.ts"
import { startWebhookSender } from "./webhook-sender.ts"

const secret = "a-secret-of-the-app"
const came: { headers: IncomingHttpHeaders; body: string; url: string }[] = []
let answers: number[] = []
let door: Server
const header = (index: number, name: string) => String(came[index]?.headers[`x-shopify-${name}`])
const topics = () => came.map(({ headers }) => headers["x-shopify-topic"])

beforeAll(async () => {
  door = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    came.push({ headers: request.headers, body, url: request.url ?? "" })
    response.writeHead(answers.shift() ?? 200).end()
  })
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve))
})
afterAll(() => void door.close())
beforeEach(() => {
  came.length = 0
  answers = []
})

function openShop(knobs: Partial<SenderKnobs> = {}) {
  const state = makeShopState({ domain: "sender.myshopify.com", apiKey: "key", apiSecret: secret })
  const product = state.createProduct({ title: "Jug", variants: [{ priceCents: 2450 }] })
  state.install(["read_orders"])
  const appUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  return {
    state,
    product,
    sender: startWebhookSender({ state, appUrl, knobs: { concurrency: 1, ...knobs } }),
  }
}
const buy = ({ state, product }: ReturnType<typeof openShop>) =>
  state.placeOrder({ lines: [{ variantId: product.variants[0]?.id ?? "", quantity: 2 }], email: "a@b.test" })

test("an order is told by several messages with one event id, each signed and with an id of its own", async () => {
  const shop = openShop()
  const order = buy(shop)
  await shop.sender.settled()
  expect(topics()).toEqual(["orders/create", "orders/paid"])
  expect(header(0, "event-id")).toBe(header(1, "event-id"))
  expect(header(0, "webhook-id")).not.toBe(header(1, "webhook-id"))
  expect(header(0, "hmac-sha256")).toBe(signWebhook(came[0]?.body ?? "", secret))
  expect(header(0, "shop-domain")).toBe("sender.myshopify.com")
  expect(JSON.parse(came[0]?.body ?? "")).toMatchObject({
    id: Number(order.id),
    admin_graphql_api_id: `gid://shopify/Order/${order.id}`,
    total_price: "49.00",
    line_items: [{ quantity: 2, price: "24.50", product_id: Number(shop.product.id) }],
  })
  shop.state.updateProduct(shop.product.id, { title: "Big jug" })
  await shop.sender.settled()
  expect(header(2, "event-id")).not.toBe(header(0, "event-id"))
  shop.sender.stop()
})

test("what is refused is tried again under the same id, eight times, and then given up", async () => {
  const shop = openShop({ speed: 3_600_000 })
  answers = [500, 503]
  shop.state.updateProduct(shop.product.id, { title: "Red jug" })
  await shop.sender.settled()
  expect(new Set(came.map((_, index) => header(index, "webhook-id"))).size).toBe(1)
  expect(shop.sender.counts().total).toMatchObject({ sent: 1, acknowledged: 1, retried: 2, givenUp: 0 })

  answers = Array(9).fill(500)
  shop.state.updateProduct(shop.product.id, { title: "Blue jug" })
  await shop.sender.settled()
  expect(came).toHaveLength(3 + 9)
  expect(shop.sender.counts().total).toMatchObject({ acknowledged: 1, givenUp: 1 })
  shop.sender.stop()
})

test("the knobs lose, repeat and delay about the share that they say, and the counts tell", async () => {
  const shop = openShop({
    duplicateShare: 0.2,
    lateShare: 0.1,
    lossShare: 0.05,
    lateMs: 60_000,
    speed: 10_000,
    shuffle: true,
    concurrency: 8,
  })
  for (let n = 0; n < 400; n++) shop.state.updateProduct(shop.product.id, { title: `Jug ${n}` })
  await shop.sender.settled()
  const { total } = shop.sender.counts()
  expect(total.sent).toBe(400)
  expect(total.acknowledged + total.lost).toBe(400)
  expect(came).toHaveLength(total.acknowledged + total.duplicated)
  // Five standard deviations of a binomial.
  for (const [count, share] of [
    [total.duplicated, 0.2 * 0.95],
    [total.late, 0.1 * 0.95],
    [total.lost, 0.05],
  ] as const)
    expect(Math.abs(count - 400 * share)).toBeLessThan(5 * Math.sqrt(400 * share * (1 - share)))
  shop.sender.stop()
})

test("an app that left hears that it did and what privacy asks, and nothing else", async () => {
  const shop = openShop()
  shop.state.uninstall()
  buy(shop)
  shop.state.redactShop()
  await shop.sender.settled()
  expect(topics()).toEqual(["app/uninstalled", "shop/redact"])
  shop.sender.stop()
})

test("without protected customer data no message names a person", async () => {
  const shop = openShop()
  shop.state.grantProtectedData([])
  const customer = shop.state.createCustomer({ email: "ada@b.test", firstName: "Ada", phone: "+441" })
  const variantId = shop.product.variants[0]?.id ?? ""
  shop.state.placeOrder({ customerId: customer.id, email: "ada@b.test", lines: [{ variantId, quantity: 1 }] })
  await shop.sender.settled()
  expect(came.length).toBeGreaterThan(1)
  for (const { body } of came) expect(body).not.toMatch(/ada|\+441/i)
  shop.sender.stop()
})

test("the topics sent are those of shopify.app.toml, and the app knows each of them", () => {
  const { topics: subscribed, path } = readSubscriptions()
  expect(subscribed.size).toBeGreaterThan(30)
  expect([...subscribed].filter((topic) => knownTopic(topic) === null)).toEqual([])
  expect(path).toBe("/webhooks")
  expect(
    parseSubscriptions('# topics = ["a/b"]\n[[x]]\ntopics = [\n "c/d", "e/f" ]\nuri = "/w"').topics,
  ).toEqual(new Set(["c/d", "e/f"]))
})
