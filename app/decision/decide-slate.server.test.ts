import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import {
  addEvents,
  addProducts,
  addShopper,
  copyOfModel,
  demoModelFolder,
  makeShop,
  setSettings,
  spoil,
  testHome,
} from "../../tests/support/serving-shop.ts"
import { withShopSql } from "../db.server.ts"
import { defaultSlates } from "../recommend/default-slates.server.ts"
import { forgetShops, freshContext } from "../recommend/shop-context.server.ts"
import { updateBaselines } from "../scoring/baselines.server.ts"
import { publishModel, registerModel } from "../scoring/registry.server.ts"
import { scorerState, startScorer, stopScorer } from "../scoring/scorer.server.ts"
import { decideSlate } from "./decide-slate.server.ts"
import type { DecisionRequest } from "./decision.ts"
import { flushDecisions } from "./decision-log.server.ts"

testDatabase()
testHome()

const TIMEOUT_MS = 1_000
let shopId = 0
let modelId = ""

beforeAll(async () => {
  shopId = await makeShop("decide.myshopify.com", 40)
  await addShopper(shopId, { kind: "browser", name: "b1" }, [
    { type: "product_view", item: "p1", minutesAgo: 30 },
    { type: "product_view", item: "p2", minutesAgo: 20 },
    { type: "cart_add", item: "p2", minutesAgo: 19 },
    { type: "purchase", item: "p3", minutesAgo: 15 },
    { type: "product_view", item: "p4", minutesAgo: 10 },
  ])
  await addShopper(shopId, { kind: "browser", name: "b2" }, [
    { type: "product_view", item: "p1", minutesAgo: 90 },
    { type: "product_view", item: "p9", minutesAgo: 80 },
    { type: "product_view", item: "p10", minutesAgo: 70 },
  ])
  modelId = await registerModel(shopId, demoModelFolder)
  await publishModel(shopId, modelId)
  await updateBaselines(shopId, { asOf: new Date() })
  startScorer({ timeoutMs: TIMEOUT_MS })
})

beforeEach(async () => {
  await setSettings(shopId, { experiment: { holdoutShare: 0 } })
  await freshContext(shopId)
})

afterAll(async () => {
  await flushDecisions()
  await stopScorer()
  await forgetShops()
})

const ask = (over: Partial<DecisionRequest> = {}) =>
  decideSlate({
    shopId,
    surface: "block",
    placement: "product",
    identities: [{ kind: "browser", name: "b1" }],
    consent: true,
    count: 4,
    nowMs: Date.now(),
    ...over,
  })

async function rowOf(decisionId: string) {
  await flushDecisions()
  const { rows } = await withShopSql(shopId, (client) =>
    client.query("SELECT * FROM decisions WHERE decision_id = $1", [decisionId]),
  )
  return rows[0]
}

async function fallbacks(reason: string): Promise<number> {
  await flushDecisions()
  const { rows } = await withShopSql(shopId, (client) =>
    client.query<{ count: number }>("SELECT sum(count)::int AS count FROM counters WHERE name = $1", [
      `fallback:${reason}`,
    ]),
  )
  return rows[0]?.count ?? 0
}

async function untilModelServes(): Promise<void> {
  const untilMs = Date.now() + 15_000
  while ((await ask()).servedBy !== "model") {
    if (Date.now() > untilMs) throw new Error("the model did not come back")
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe("a decision", () => {
  it("is made by the model, says so, and is on record with what it rests on", async () => {
    const decision = await ask({ contextItem: "p5" })
    expect(decision).toMatchObject({ outcome: "shown", servedBy: "model", fallbackReason: null, modelId })
    expect(decision.products).toHaveLength(4)
    const row = await rowOf(decision.decisionId)
    expect(row).toMatchObject({ served_by: "model", model_id: modelId, outcome: "shown", surface: "block" })
    expect(row.product_ids).toEqual(decision.products.map((product) => product.productId))
    expect(row.reasons).toHaveLength(4)
    expect(row.inputs_hash).toHaveLength(16)
    expect(row.shopper_id).not.toBeNull()
  })

  it("gives reasons that name products of the shopper's own history or the page", async () => {
    const { products } = await ask({ contextItem: "p5" })
    const named = products.flatMap(({ reason }) => ("item" in reason ? [reason.item] : []))
    expect(named.length).toBeGreaterThan(0)
    for (const item of named) expect(["p1", "p2", "p3", "p4", "p5"]).toContain(item)
  })

  it("never shows the page's product, the cart, what was bought, what is sold out or taken out, and is never short", async () => {
    // Seven products may be shown at all; three of them are bought, in the cart and on the page.
    await withShopSql(shopId, async (client) => {
      await client.query(
        "UPDATE products SET available = external_id IN ('p3','p5','p6','p7','p8','p11','p12')",
      )
      await client.query("UPDATE products SET excluded = true WHERE external_id = 'p12'")
    })
    await freshContext(shopId)
    const { products, servedBy } = await ask({ contextItem: "p5", cartItems: ["p6"] })
    expect(servedBy).toBe("model")
    expect(products.map(({ item }) => item).sort()).toEqual(["p11", "p7", "p8"])
    await withShopSql(shopId, async (client) => {
      await client.query("UPDATE products SET consumable = true, updated_at = now() WHERE external_id = 'p3'")
    })
    await freshContext(shopId)
    const again = await ask({ contextItem: "p5", cartItems: ["p6"] })
    expect(again.products.map(({ item }) => item).sort()).toEqual(["p11", "p3", "p7", "p8"])
    await withShopSql(shopId, (client) =>
      client.query(
        "UPDATE products SET available = true, excluded = false, consumable = false, updated_at = now()",
      ),
    )
  })

  it("shows nothing, and says so, when nothing may be shown", async () => {
    await withShopSql(shopId, (client) => client.query("UPDATE products SET available = false"))
    await freshContext(shopId)
    expect(await ask()).toMatchObject({ outcome: "nothing", products: [] })
    await withShopSql(shopId, (client) => client.query("UPDATE products SET available = true"))
  })

  it("scores a new product at once, without training", async () => {
    await withShopSql(shopId, (client) => client.query("UPDATE products SET available = false"))
    await addProducts(shopId, 1, 900)
    await freshContext(shopId)
    const { products, servedBy } = await ask()
    expect(servedBy).toBe("model")
    expect(products.map(({ item }) => item)).toEqual(["p900"])
    expect(Number.isFinite(products[0]?.score)).toBe(true)
    await withShopSql(shopId, (client) => client.query("UPDATE products SET available = true"))
  })

  it("changes with what the shopper just did", async () => {
    const shopper = await addShopper(shopId, { kind: "browser", name: "b3" }, [
      { type: "product_view", item: "p1", minutesAgo: 5 },
    ])
    const before = await rowOf((await ask({ identities: [{ kind: "browser", name: "b3" }] })).decisionId)
    await withShopSql(shopId, (client) =>
      addEvents(client, shopId, shopper, [{ type: "product_view", item: "p20", minutesAgo: 0 }]),
    )
    const after = await rowOf((await ask({ identities: [{ kind: "browser", name: "b3" }] })).decisionId)
    expect(after.inputs_hash.equals(before.inputs_hash)).toBe(false)
    expect(after.scores).not.toEqual(before.scores)
  })

  it("knows a customer by all the browsers that were joined to them", async () => {
    const customer = await addShopper(shopId, { kind: "customer", name: "77" }, [])
    const browser = await addShopper(shopId, { kind: "browser", name: "b4" }, [
      { type: "purchase", item: "p30", minutesAgo: 5 },
    ])
    await withShopSql(shopId, (client) =>
      client.query("UPDATE shoppers SET merged_into = $2 WHERE shopper_id = $1", [
        String(browser),
        String(customer),
      ]),
    )
    const decision = await ask({ identities: [{ kind: "customer", name: "77" }], count: 12 })
    expect(decision.products.map(({ item }) => item)).not.toContain("p30")
    expect((await rowOf(decision.decisionId)).shopper_id).toBe(String(customer))
    const onBrowser = await ask({ identities: [{ kind: "browser", name: "b4" }], count: 1 })
    expect((await rowOf(onBrowser.decisionId)).shopper_id).toBe(String(customer))
  })
})

describe("consent and holdout come first", () => {
  it("without consent there is no shopper on record, the default slate shows, and nobody is withheld", async () => {
    await setSettings(shopId, { experiment: { holdoutShare: 0.5 } })
    await freshContext(shopId)
    for (const name of ["b1", "b2", "x", "y", "z"]) {
      const decision = await ask({
        consent: false,
        identities: [{ kind: "browser", name }],
        contextItem: "p5",
      })
      expect(decision).toMatchObject({ outcome: "shown", servedBy: "default" })
      expect((await rowOf(decision.decisionId)).shopper_id).toBeNull()
    }
  })

  it("a held-out shopper stays held out, on record, with nothing ranked or read", async () => {
    await setSettings(shopId, { experiment: { holdoutShare: 0.5 } })
    await freshContext(shopId)
    const names = Array.from({ length: 40 }, (_, n) => `visitor-${n}`)
    const outcomes = await Promise.all(names.map((name) => ask({ identities: [{ kind: "browser", name }] })))
    const again = await Promise.all(names.map((name) => ask({ identities: [{ kind: "browser", name }] })))
    expect(again.map(({ outcome }) => outcome)).toEqual(outcomes.map(({ outcome }) => outcome))
    const held = outcomes.filter(({ outcome }) => outcome === "withheld")
    expect(held.length).toBeGreaterThan(5)
    expect(held.length).toBeLessThan(35)
    for (const { products, fallbackReason, modelId: by } of held)
      expect({ products, fallbackReason, by }).toEqual({ products: [], fallbackReason: null, by: null })
    expect(await rowOf(held[0]?.decisionId ?? "")).toMatchObject({ outcome: "withheld", inputs_hash: null })
  })
})

describe("a visitor's side", () => {
  const browser = (name: string) => ({ kind: "browser", name }) as const
  const side = async (...identities: DecisionRequest["identities"]) => (await ask({ identities })).outcome

  it("stays when the first event makes a person of a name, and when the person's customer account is learnt", async () => {
    await setSettings(shopId, { experiment: { holdoutShare: 0.5 } })
    await freshContext(shopId)
    const names = Array.from({ length: 40 }, (_, number) => `newcomer-${number}`)
    const before = await Promise.all(names.map((name) => side(browser(name))))
    expect(new Set(before)).toEqual(new Set(["shown", "withheld"]))
    for (const name of names)
      await addShopper(shopId, browser(name), [{ type: "product_view", item: "p1", minutesAgo: 1 }])
    expect(await Promise.all(names.map((name) => side(browser(name))))).toEqual(before)
    const signedIn = (name: string) => side({ kind: "customer", name: `account of ${name}` }, browser(name))
    expect(await Promise.all(names.map(signedIn))).toEqual(before)
  })
})

describe("merchandising", () => {
  it("puts the merchant's pinned product first and keeps excluded brands out", async () => {
    await setSettings(shopId, {
      experiment: { holdoutShare: 0 },
      merchandising: { pinned: ["p33"], excludedBrands: ["maker 1", "maker 2"] },
    })
    await freshContext(shopId)
    const { products } = await ask({ count: 8 })
    expect(products[0]).toMatchObject({ item: "p33", reason: { kind: "pinned" } })
    expect(products).toHaveLength(8)
    for (const { brand } of products) expect(["Maker 1", "Maker 2"]).not.toContain(brand)
  })
})

describe("a new model", () => {
  it("takes over under way: no request falls back, and decisions name the new one", async () => {
    const folder = copyOfModel()
    // The last product that the model knew by its id becomes one that it knows by its text alone.
    spoil(folder, "items.json", (bytes) =>
      Buffer.from(JSON.stringify(JSON.parse(bytes.toString()).slice(0, -1))),
    )
    const second = await registerModel(shopId, folder)
    let over = false
    const asking = (async () => {
      const seen = new Set<string | null>()
      while (!over) {
        const decision = await ask()
        expect(decision).toMatchObject({ servedBy: "model", fallbackReason: null })
        seen.add(decision.modelId)
      }
      return seen
    })()
    await publishModel(shopId, second)
    await freshContext(shopId)
    expect((await ask()).modelId).toBe(second)
    over = true
    expect([...(await asking)]).toContain(modelId)
    await publishModel(shopId, modelId)
    await freshContext(shopId)
    expect((await ask()).modelId).toBe(modelId)
  })
})

describe("default slates", () => {
  it("exist for every product, full, without the product itself", async () => {
    const slates = await defaultSlates(shopId, 6)
    expect(slates.length).toBeGreaterThanOrEqual(40)
    for (const { productId, slate, madeBy } of slates) {
      expect(madeBy).toBe("model")
      expect(new Set(slate.map((one) => one.productId)).size).toBe(6)
      expect(slate.map((one) => one.productId)).not.toContain(productId)
    }
  })
})

describe("when the model does not answer", () => {
  it("a killed scorer costs no request: the fallback answers, is named and counted, and the model comes back", async () => {
    await untilModelServes()
    const before = await fallbacks("scorer_down")
    const { pid } = scorerState()
    const underway = Array.from({ length: 20 }, () => ask())
    process.kill(pid ?? 0, "SIGKILL")
    const decisions = [...(await Promise.all(underway)), await ask()]
    const fell = decisions.filter(({ fallbackReason }) => fallbackReason === "scorer_down")
    expect(fell.length).toBeGreaterThan(0)
    for (const { products, servedBy } of fell) {
      expect(products).toHaveLength(4)
      expect(servedBy).toBe("item_knn")
    }
    expect(await fallbacks("scorer_down")).toBe(before + fell.length)
    await untilModelServes()
    expect(scorerState().pid).not.toBe(pid)
    expect(scorerState().restarts).toBeGreaterThan(0)
  })

  it("a slow scorer is not waited for", async () => {
    await untilModelServes()
    const before = await fallbacks("timeout")
    const pid = scorerState().pid ?? 0
    process.kill(pid, "SIGSTOP")
    try {
      const decision = await ask()
      expect(decision).toMatchObject({ outcome: "shown", servedBy: "item_knn", fallbackReason: "timeout" })
      expect(await fallbacks("timeout")).toBe(before + 1)
    } finally {
      process.kill(pid, "SIGCONT")
    }
    await untilModelServes()
  })

  it("someone without a history gets what sells, in a shop without a model", async () => {
    const other = await makeShop("nomodel.myshopify.com", 8)
    const decision = await decideSlate({
      shopId: other,
      surface: "block",
      placement: "product",
      identities: [{ kind: "browser", name: "new" }],
      consent: true,
      count: 4,
      nowMs: Date.now(),
    })
    expect(decision).toMatchObject({ servedBy: "popularity", fallbackReason: "no_model", modelId: null })
    expect(decision.products).toHaveLength(4)
  })
})
