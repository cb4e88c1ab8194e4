/**
 * Two installed shops whose merchants click in the admin: what a click changes must change in the one whose session
 * token signs it, and nothing in the other.
 */
import { randomUUID } from "node:crypto"
import type { ActionFunctionArgs } from "@remix-run/node"
import { afterAll, beforeAll } from "vitest"
import { ensureShop, withShopSql } from "../../app/db.server.ts"
import { recordInstall } from "../../app/shop/install.server.ts"
import { startSimulatedAdmins } from "../security/attacks/simulated-admins.ts"
import { makeSessionToken } from "./shop/admin/session-token.ts"
import { makeShopState, type ShopState } from "./shop/state.ts"

export type Body = Record<string, string> | string

type Action = (args: ActionFunctionArgs) => Promise<Response>

/** Call it once, at the top of a test file; the shops' admins run until its end. */
export function twoShops(scopes: readonly string[]) {
  const shop = (name: string): ShopState => {
    const domain = `${name}-${randomUUID().slice(0, 8)}.myshopify.com`
    const state = makeShopState({ domain, apiKey: "test-api-key", apiSecret: "test-api-secret" })
    state.install([...scopes])
    return state
  }
  const mine = shop("one")
  const others = shop("two")
  let closeAdmins: () => Promise<void>
  beforeAll(async () => {
    const admins = await startSimulatedAdmins([mine, others])
    process.env.SIMULATED_SHOP_URL = admins.url
    closeAdmins = admins.close
  })
  afterAll(() => closeAdmins())
  const idOf = (state: ShopState) => ensureShop(state.store.shop.domain)
  return {
    mine,
    others,
    shops: [mine, others],
    idOf,
    install: (state: ShopState) => recordInstall(state.store.shop.domain, [...scopes], new Date()),
    /** Rows of a statement whose $1 is the shop. */
    async sqlOf(state: ShopState, text: string) {
      const shopId = await idOf(state)
      return (await withShopSql(shopId, (client) => client.query(text, [shopId]))).rows
    },
  }
}

/** Posts to a route's action as the admin's page in a browser does. Returns the status. */
export async function postAction(
  action: Action,
  path: string,
  { body, token, type }: { body: Body; token: string; type?: string | undefined },
): Promise<number> {
  const request = new Request(`https://app.test${path}`, {
    method: "POST",
    headers: {
      "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/147.0.0.0 Safari/537.36",
      "Content-Type": type ?? "application/x-www-form-urlencoded",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    body: typeof body === "string" ? body : new URLSearchParams(body).toString(),
  })
  try {
    return (await action({ request, params: {}, context: {} })).status
  } catch (thrown) {
    if (thrown instanceof Response) return thrown.status
    throw thrown
  }
}

/** Tokens that speak for nobody: none, no token at all, another's signature, one of ten minutes ago. */
export function worthlessTokens(state: ShopState): string[] {
  const [head, body] = makeSessionToken(state, Date.now()).split(".")
  return ["", "e30.e30.e30", `${head}.${body}.AAAA`, makeSessionToken(state, Date.now() - 600_000)]
}
