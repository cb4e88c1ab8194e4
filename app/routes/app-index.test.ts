import { randomUUID } from "node:crypto"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { startSimulatedAdmins } from "../../tests/security/attacks/simulated-admins.ts"
import { testDatabase } from "../../tests/support/database.ts"
import { makeSessionToken } from "../../tests/support/shop/admin/session-token.ts"
import { makeShopState, type ShopState } from "../../tests/support/shop/state.ts"
import { ensureShop, withShopSql } from "../db.server.ts"
import { reconcileSchedules } from "../jobs/schedules.server.ts"
import { TIMETABLE } from "../jobs/timetable.ts"
import { recordInstall } from "../shop/install.server.ts"
import { action } from "./app._index.tsx"

testDatabase()

const SCOPES = ["read_orders", "write_products"]
const shops = ["one", "two"].map((name) => {
  const domain = `${name}-${randomUUID().slice(0, 8)}.myshopify.com`
  const state = makeShopState({ domain, apiKey: "test-api-key", apiSecret: "test-api-secret" })
  state.install(SCOPES)
  return state
})
const [mine, others] = shops as [ShopState, ShopState]
let closeAdmins: () => Promise<void>

beforeAll(async () => {
  const admins = await startSimulatedAdmins(shops)
  process.env.SIMULATED_SHOP_URL = admins.url
  closeAdmins = admins.close
  // The first request of all exchanges its token, which installs.
  await post({ intent: "compare" })
})
afterAll(() => closeAdmins())

const idOf = (state: ShopState) => ensureShop(state.store.shop.domain)
const sqlOf = async (state: ShopState, text: string) => {
  const shopId = await idOf(state)
  return (await withShopSql(shopId, (client) => client.query(text, [shopId]))).rows
}

/** Nothing is due, and the customers of each shop could not be read. */
beforeEach(async () => {
  for (const state of shops) {
    await recordInstall(state.store.shop.domain, SCOPES, new Date())
    await reconcileSchedules(await idOf(state), TIMETABLE)
    await sqlOf(state, "DELETE FROM import_runs WHERE shop_id = $1")
    await sqlOf(
      state,
      "INSERT INTO import_runs (shop_id, kind, state) VALUES ($1, 'history_customers', 'failed')",
    )
    await sqlOf(state, "UPDATE schedules SET next_run_at = now() + interval '1 hour' WHERE shop_id = $1")
  }
})

const standing = async (state: ShopState) => ({
  due: (
    await sqlOf(state, "SELECT job FROM schedules WHERE shop_id = $1 AND next_run_at <= now() ORDER BY job")
  ).map(({ job }) => job),
  runs: (
    await sqlOf(state, "SELECT kind, state FROM import_runs WHERE shop_id = $1 ORDER BY started_at, kind")
  ).map(({ kind, state }) => `${kind} ${state}`),
})
const UNTOUCHED = { due: [], runs: ["history_customers failed"] }

type Body = Record<string, string> | string

async function post(body: Body, token = makeSessionToken(mine, Date.now()), type?: string): Promise<number> {
  const request = new Request("https://app.test/app?index", {
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

test("to compare makes the comparison due, in this shop alone", async () => {
  expect(await post({ intent: "compare" })).toBe(200)
  expect(await standing(mine)).toEqual({ due: ["reconcile"], runs: UNTOUCHED.runs })
  expect(await standing(others)).toEqual(UNTOUCHED)
})

test("to import a kind again adds a run and makes its job due; twice is once", async () => {
  const wish = { intent: "import_again", kind: "history_customers" }
  expect([await post(wish), await post(wish)]).toEqual([200, 200])
  expect(await standing(mine)).toEqual({
    due: ["import_history"],
    runs: ["history_customers failed", "history_customers running"],
  })
  expect(await standing(others)).toEqual(UNTOUCHED)
})

test("the shop is the token's, whatever else the request names", async () => {
  const shop = others.store.shop.domain
  expect(await post({ intent: "compare", shop, shopId: String(await idOf(others)) })).toBe(200)
  expect((await standing(mine)).due).toEqual(["reconcile"])
  expect(await standing(others)).toEqual(UNTOUCHED)
})

test("who is nobody, or signed by nobody, changes nothing", async () => {
  const [head, body] = makeSessionToken(mine, Date.now()).split(".")
  const late = makeSessionToken(mine, Date.now() - 600_000)
  for (const token of ["", "e30.e30.e30", `${head}.${body}.AAAA`, late]) {
    const status = await post({ intent: "compare" }, token)
    expect([token, status >= 300 && status < 500]).toEqual([token, true])
  }
  for (const state of shops) expect(await standing(state)).toEqual(UNTOUCHED)
})

test("what is no wish is refused", async () => {
  const bodies: [Body, string?][] = [
    [{}],
    [{ intent: "erase" }],
    [{ intent: "import_again" }],
    [{ intent: "import_again", kind: "events" }],
    ['{"intent":"compare"}', "application/json"],
    ["intent=compare", "multipart/form-data; boundary="],
  ]
  for (const [body, type] of bodies) expect([body, await post(body, undefined, type)]).toEqual([body, 400])
  expect(await standing(mine)).toEqual(UNTOUCHED)
})
