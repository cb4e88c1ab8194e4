/** A small shop with its Admin side on a port of this machine, for tests. */
import type { AddressInfo } from "node:net"
import express from "express"
import { onTestFinished } from "vitest"
import { makeShopState } from "../state.ts"
import { type AdminKnobs, mountAdmin } from "./mount-admin.ts"
import { makeSessionToken } from "./session-token.ts"

export const SCOPES = [
  "write_products",
  "read_inventory",
  "read_orders",
  "read_fulfillments",
  "read_customers",
]
const START_MS = Date.UTC(2026, 10, 24, 12)

export type GraphqlAnswer = {
  data?: Record<string, never> | null
  errors?: { message: string; path?: (string | number)[]; extensions?: { code?: string } }[]
  extensions?: { cost: { requestedQueryCost: number; actualQueryCost: number | null } }
}

export function testState({ scopes = SCOPES }: { scopes?: readonly string[] } = {}) {
  const clock = { ms: START_MS }
  const state = makeShopState({
    domain: "test-shop.myshopify.com",
    apiKey: "test-key",
    apiSecret: "test-secret",
    now: () => clock.ms,
  })
  state.install(scopes)
  return { state, clock }
}

export async function openAdmin({ scopes, ...knobs }: AdminKnobs & { scopes?: readonly string[] } = {}) {
  const { state, clock } = testState(scopes ? { scopes } : {})
  const server = express()
  const admin = mountAdmin(server, state, knobs)
  const listening = server.listen(0, "127.0.0.1")
  await new Promise((resolve) => listening.once("listening", resolve))
  onTestFinished(() => {
    listening.closeAllConnections()
    listening.close()
  })
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const askToken = (fields: Record<string, string>) =>
    post("/admin/oauth/access_token", { client_id: "test-key", client_secret: "test-secret", ...fields })
  const exchange = (kind: "online" | "offline" = "offline", sessionToken?: string) =>
    askToken({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: sessionToken ?? makeSessionToken(state, Date.now()),
      requested_token_type: `urn:shopify:params:oauth:token-type:${kind}-access-token`,
      expiring: "1",
    })
  const first = await exchange()
  const ask = (
    query: string,
    variables: object = {},
    { version = "2026-07", token = first.body.access_token as string } = {},
  ) =>
    post(
      `/admin/api/${version}/graphql.json`,
      { query, variables },
      { "x-shopify-access-token": token },
    ) as Promise<{ status: number; headers: Headers; body: GraphqlAnswer }>
  return { state, clock, admin, url, post, askToken, exchange, ask, token: first.body.access_token as string }
}
