import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { parseBlockDelivery } from "../../../app/surface/block-events.ts"
import { type SimulatedShop, startSimulatedShop } from "./start-shop.ts"
import { startTraffic } from "./traffic.ts"

const told: string[] = []
let app: Server
let shop: SimulatedShop

beforeAll(async () => {
  app = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    if (request.url?.startsWith("/proxy/events")) told.push(body)
    response.setHeader("Content-Type", "application/json")
    response.end('{"outcome":"default","products":[]}')
  })
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve))
  shop = await startSimulatedShop({
    appUrl: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
    apiKey: "key",
    apiSecret: "a-secret-of-the-app",
    shopDomain: "larkfield-home.myshopify.com",
    catalogue: Array.from({ length: 8 }, (_, n) => ({
      item: `${n + 1}`,
      title: `Mug ${n}`,
      priceCents: 1250,
    })),
  })
})
afterAll(async () => {
  await shop.close()
  app.close()
})

test("visitors look, fill carts and buy, and what they tell the app is what the app takes", async () => {
  const traffic = startTraffic(shop, { everyMs: 2, seed: 7 })
  await expect.poll(() => shop.state.store.orders.size, { timeout: 20_000 }).toBeGreaterThan(2)
  await traffic.stop()
  const events = told.flatMap((body) => parseBlockDelivery(body, Date.now()).events)
  const types = new Set(events.map(({ type }) => type))
  for (const type of ["product_view", "cart_add", "checkout_start"] as const) expect(types).toContain(type)
  // What was bought is the cart that the visitor's browser had named.
  const carts = new Set(told.map((body) => parseBlockDelivery(body, Date.now()).cart))
  for (const { cartToken } of shop.state.store.orders.values()) expect(carts).toContain(cartToken)
})
