import { beforeAll, beforeEach, expect, test } from "vitest"
import { type Body, postAction, twoShops, worthlessTokens } from "../../tests/support/admin-actions.ts"
import { testDatabase } from "../../tests/support/database.ts"
import { makeSessionToken } from "../../tests/support/shop/admin/session-token.ts"
import type { ShopState } from "../../tests/support/shop/state.ts"
import { reconcileSchedules } from "../jobs/schedules.server.ts"
import { TIMETABLE } from "../jobs/timetable.ts"
import { action } from "./app._index.tsx"

testDatabase()

const { mine, others, shops, idOf, install, sqlOf } = twoShops(["read_orders", "write_products"])

// The first request of all exchanges its token, which installs.
beforeAll(async () => {
  await post({ intent: "compare" })
})

/** Nothing is due, and the customers of each shop could not be read. */
beforeEach(async () => {
  for (const state of shops) {
    await install(state)
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

const post = (body: Body, token = makeSessionToken(mine, Date.now()), type?: string) =>
  postAction(action, "/app?index", { body, token, type })

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
  for (const token of worthlessTokens(mine)) {
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
