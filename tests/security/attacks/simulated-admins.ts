import type { AddressInfo } from "node:net"
import express from "express"
import { mountAdmin } from "../../support/shop/admin/mount-admin.ts"
import type { ShopState } from "../../support/shop/state.ts"

/**
 * Shopify's server side of several shops behind one address: the app says which one it means. Where it does not (the
 * file of a bulk operation is asked for by its address alone), it is the first one.
 */
export async function startSimulatedAdmins(
  states: readonly ShopState[],
): Promise<{ url: string; close(): Promise<void> }> {
  const shops = new Map(
    states.map((state) => {
      const server = express()
      mountAdmin(server, state)
      return [state.store.shop.domain, server]
    }),
  )
  const app = express()
  app.use((request, response, next) => {
    const [first] = shops.keys()
    const shop = shops.get(request.header("x-simulated-shop") ?? first ?? "")
    if (shop) shop(request, response, next)
    else response.status(404).end()
  })
  const server = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
    const listening = app.listen(0, "127.0.0.1", () => resolve(listening))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
