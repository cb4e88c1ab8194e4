import { readdirSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startProcess } from "../../app/cli/child-process.ts"
import { buildWebIfStale } from "../../app/cli/web-build.ts"
import { withShopSql } from "../../app/db.server.ts"
import { testDatabase } from "../support/database.ts"
import { type Answer, ATTACKS, attackRoutes } from "./attacks/attack-routes.ts"
import { type MarkedShop, markShop } from "./attacks/marked-shop.ts"
import { ROUTES } from "./attacks/routes.ts"
import { startSimulatedAdmins } from "./attacks/simulated-admins.ts"

testDatabase()

const root = join(import.meta.dirname, "..", "..")
const secrets = { apiKey: "test-api-key", secret: "test-api-secret" }
const ends: (() => Promise<void>)[] = []
let shop: MarkedShop
let other: MarkedShop
let answers: Answer[]

beforeAll(async () => {
  await buildWebIfStale()
  shop = await markShop("one", 1, secrets)
  other = await markShop("two", 2, secrets)
  const admins = await startSimulatedAdmins([shop.state, other.state])
  ends.push(admins.close)
  const web = await startProcess<{ listening: string }>("web", join(root, "app", "cli", "web.ts"), {
    PORT: "0",
    METRICS_PORT: "0",
    SIMULATED_SHOP_URL: admins.url,
  })
  ends.push(web.stop)
  answers = await attackRoutes({ url: web.ready.listening, secret: secrets.secret, shop, other })
}, 120_000)

afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

/** In the order of ATTACKS; – where the attack means nothing. */
const OPEN = ["–", "–", "–", "–", "–", "413", "405"]
// To its own client Remix tells a redirect by a header, with 204.
const ADMIN = ["302 → /auth/login", "204", "200", "401", "401", "413", "405", "200"]
const PROXY = ["401", "–", "202", "401", "401", "413", "405", "202", "400"]
const EXPECTED: Record<string, string[]> = {
  "_index.ts": ["302 → /app", ...OPEN, "302 → /app", "302 → /app"],
  "app.tsx": ["200", ...ADMIN, "200"],
  "app._index.tsx": ["200", ...ADMIN, "200"],
  "app.journey.tsx": ["200", ...ADMIN, "400"],
  "app.journey[.]json.ts": ["200", ...ADMIN, "400"],
  // Its form is posted to it: what is no wish of the form is refused.
  "app.privacy.tsx": ["200", ...ADMIN.with(6, "400"), "200"],
  "app.privacy_.answer.ts": ["200", ...ADMIN.with(2, "404"), "404"],
  // The library's own page: it loads App Bridge, which brings a token, and tells nothing.
  "auth.$.tsx": ["200", "200", "200", "200", "200", "200", "413", "405", "200", "200"],
  "auth.login.tsx": ["200", ...OPEN, "200", "200"],
  "healthz.ts": ["200", ...OPEN, "200", "200"],
  "readyz.ts": ["200", ...OPEN, "200", "200"],
  "proxy.block.ts": ["200", ...PROXY.with(2, "200").with(7, "200")],
  "proxy.consent.ts": ["202", ...PROXY],
  "proxy.events.ts": ["202", ...PROXY],
  // Under the app's one secret another shop's message is that shop's. A replay is the same delivery again. What is
  // signed is taken in, whatever it says, and dropped when it is read.
  "webhooks.ts": ["200", "401", "–", "200", "401", "200", "413", "405", "200", "200"],
}

test("no route is left out", () => {
  const files = readdirSync(join(root, "app", "routes")).filter((file) => !file.includes(".test."))
  expect(ROUTES.map(({ file }) => file).sort()).toEqual(files.sort())
  expect(Object.keys(EXPECTED).sort()).toEqual(files.sort())
})

test.each(Object.keys(EXPECTED))("%s answers each attack as it must", (file) => {
  const words = ATTACKS.map(
    (attack) => answers.find((one) => one.file === file && one.attack === attack)?.words ?? "–",
  )
  expect(Object.fromEntries(ATTACKS.map((attack, index) => [attack, words[index]]))).toEqual(
    Object.fromEntries(ATTACKS.map((attack, index) => [attack, EXPECTED[file]?.[index]])),
  )
})

test("nothing of a shop is in an answer to another one, or to nobody", () => {
  expect(answers.filter(({ leaks }) => leaks.length > 0)).toEqual([])
})

test("what must not leak is there to be seen by its own shop", () => {
  for (const { file } of ROUTES.filter(({ showsMark }) => showsMark))
    expect(answers.find((one) => one.file === file && one.attack === "genuine")?.own, file).toBe(true)
})

test("no attack left anything in a shop but what was genuine", async () => {
  const deliveries = async ({ shopId }: MarkedShop) => {
    const { rows } = await withShopSql(shopId, (client) =>
      client.query("SELECT external_id FROM inbox WHERE external_id LIKE 'attack-%' ORDER BY external_id"),
    )
    return rows.map((row) => row.external_id)
  }
  expect(await deliveries(shop)).toEqual([
    "attack-genuine",
    "attack-replay",
    "attack-wrong-content",
    "attack-wrong-type",
  ])
  expect(await deliveries(other)).toEqual(["attack-other-shop"])
})
