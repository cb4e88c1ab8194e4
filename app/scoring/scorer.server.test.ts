import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { testDatabase } from "../../tests/support/database.ts"
import { demoModelFolder, makeShop, testHome } from "../../tests/support/serving-shop.ts"
import { HISTORY_COLUMNS, HISTORY_LENGTH } from "../features/history-inputs.ts"
import { TEXT_DIMENSION, TOKENS_PER_ITEM } from "../features/item-inputs.ts"
import { NO_BOOSTS } from "./blend.ts"
import { cachedModelFiles } from "./model-cache.server.ts"
import type { HeadName } from "./outlook.ts"
import { registerModel } from "./registry.server.ts"
import { keepModel, score, scorerState, startScorer, stopScorer } from "./scorer.server.ts"
import type { LoadModel, ModelSource } from "./scorer-protocol.ts"

testDatabase()
testHome()

const ITEMS = 200
let files: ModelSource

beforeAll(async () => {
  const shopId = await makeShop("scorer.myshopify.com", 1)
  files = await cachedModelFiles(shopId, await registerModel(shopId, demoModelFolder))
})
afterAll(() => stopScorer())

const load = (key: string, modelSha = "sha"): LoadModel => ({
  type: "load",
  key,
  modelSha,
  files,
  itemTokens: Int32Array.from({ length: ITEMS * TOKENS_PER_ITEM }, (_, at) => 1 + ((at * 7919) % 4096)),
  itemText: Float32Array.from({ length: ITEMS * TEXT_DIMENSION }, (_, at) => Math.sin(at)),
  itemPrice: Int32Array.from({ length: ITEMS }, (_, at) => 1 + (at % 16)),
  itemId: new Int32Array(ITEMS),
  eligible: Uint8Array.from({ length: ITEMS + 1 }, (_, row) => (row === 0 ? 0 : 1)),
})

/** A history of three views; `salt` makes it another one. */
function columns(salt: number): Int32Array {
  const inputs = new Int32Array(HISTORY_COLUMNS.length * HISTORY_LENGTH)
  for (let back = 1; back <= 3; back += 1) {
    const at = HISTORY_LENGTH - back
    const values = [1 + ((salt * 13 + back * 5) % ITEMS), 6, 3, 1 + (salt % 16), 0, 1, 0]
    for (const [column, value] of values.entries()) inputs[column * HISTORY_LENGTH + at] = value
  }
  return inputs
}

const request = (key: string, salt: number, over = {}) => ({
  key,
  columns: columns(salt),
  excluded: new Int32Array(0),
  boosts: NO_BOOSTS,
  count: 10,
  explain: false,
  heads: false,
  ...over,
})

describe("the scorer", () => {
  it("answers many at once as it answers each alone", async () => {
    startScorer({ timeoutMs: 5_000 })
    expect(await keepModel(load("a"))).toEqual({ state: "loaded" })
    const alone = []
    for (let salt = 0; salt < 20; salt += 1) alone.push(await score(request("a", salt)))
    const together = await Promise.all(
      Array.from({ length: 20 }, (_, salt) => score(request("a", salt, { explain: salt % 2 === 0 }))),
    )
    for (const [salt, one] of together.entries()) {
      const other = alone[salt]
      if (!one.ok || !other?.ok) throw new Error("not scored")
      expect([...one.rows]).toEqual([...other.rows])
      for (const [place, value] of one.scores.entries())
        expect(value).toBeCloseTo(other.scores[place] ?? 0, 4)
    }
  })

  it("honours each shopper's own mask in one batch, down to the last eligible product", async () => {
    const allBut = (row: number) =>
      Int32Array.from({ length: ITEMS }, (_, at) => at + 1).filter((one) => one !== row)
    const outcomes = await Promise.all(
      [5, 80, 200].map((row) => score(request("a", 1, { excluded: allBut(row) }))),
    )
    expect(outcomes.map((one) => (one.ok ? [...one.rows] : one.reason))).toEqual([[5], [80], [200]])
  })

  it("answers what the heads say to those who ask for it, and to no one else in the batch", async () => {
    const alone = await score(request("a", 2, { heads: true }))
    const [asked, other] = await Promise.all([
      score(request("a", 2, { heads: true })),
      score(request("a", 2)),
    ])
    if (!alone.ok || !asked?.ok || !other?.ok) throw new Error("not scored")
    expect(other.heads).toBeNull()
    const manifest: { heads: string[] } = JSON.parse(
      readFileSync(join(demoModelFolder, "manifest.json"), "utf8"),
    )
    expect(Object.keys(asked.heads ?? {}).sort()).toEqual(manifest.heads.toSorted())
    for (const [name, values] of Object.entries(asked.heads ?? {}))
      for (const [at, value] of values.entries())
        expect(value, name).toBeCloseTo(alone.heads?.[name as HeadName]?.[at] ?? Number.NaN, 4)
  })

  it("names the product whose absence would lower a score", async () => {
    const outcome = await score(request("a", 3, { explain: true }))
    if (!outcome.ok) throw new Error(outcome.reason)
    const history = columns(3).subarray(HISTORY_LENGTH - 3, HISTORY_LENGTH)
    for (const row of outcome.because) expect([0, ...history]).toContain(row)
    expect(outcome.because.some((row) => row > 0)).toBe(true)
  })

  it("adds what the neighbours say, and names them where they decide", async () => {
    const plain = await score(request("a", 3, { explain: true }))
    if (!plain.ok) throw new Error(plain.reason)
    const [viewed = 0] = columns(3).subarray(HISTORY_LENGTH - 1, HISTORY_LENGTH)
    const last =
      Array.from({ length: ITEMS }, (_, at) => at + 1).find((row) => !plain.rows.includes(row)) ?? 0
    const boosts = {
      rows: Int32Array.of(last),
      values: Float32Array.of(100),
      because: Int32Array.of(viewed),
      lost: Float32Array.of(100),
    }
    const boosted = await score(request("a", 3, { explain: true, boosts }))
    if (!boosted.ok) throw new Error(boosted.reason)
    expect([boosted.rows[0], boosted.because[0]]).toEqual([last, viewed])
    expect([...boosted.rows.slice(1)]).toEqual([...plain.rows.slice(0, -1)])
    // Nothing of it stays for whoever comes next.
    expect(await score(request("a", 3, { explain: true }))).toMatchObject({ rows: plain.rows })
  })

  it("gives up the least recently used model within a small memory, and takes it back when asked", async () => {
    await stopScorer()
    startScorer({ timeoutMs: 5_000, memoryMb: 1 })
    // Sessions of two models are not shared, and one alone fills the budget.
    await keepModel(load("b", "sha-b"))
    await keepModel(load("c", "sha-c"))
    const untilMs = Date.now() + 10_000
    while (scorerState().loadedModels !== 1 && Date.now() < untilMs)
      await new Promise((resolve) => setTimeout(resolve, 20))
    expect(scorerState().loadedModels).toBe(1)
    expect((await score(request("c", 1))).ok).toBe(true)
    expect(await score(request("b", 1))).toMatchObject({ ok: false, reason: "loading" })
    let back = await score(request("b", 1))
    while (!back.ok && Date.now() < untilMs) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      back = await score(request("b", 1))
    }
    expect(back.ok).toBe(true)
  })

  it("is replaced when it has grown, and no request falls back meanwhile", async () => {
    await stopScorer()
    startScorer({ timeoutMs: 5_000, replaceAtMb: 1 })
    await keepModel(load("d"))
    const { pid } = scorerState()
    const untilMs = Date.now() + 15_000
    while (scorerState().pid === pid && Date.now() < untilMs)
      expect(await score(request("d", 1))).toMatchObject({ ok: true })
    expect(scorerState().pid).not.toBe(pid)
    expect(await score(request("d", 1))).toMatchObject({ ok: true })
  })

  it("says that it is down before it is started", async () => {
    await stopScorer()
    expect(await score(request("a", 1))).toEqual({ ok: false, reason: "scorer_down" })
  })
})
