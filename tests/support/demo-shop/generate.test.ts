import { createHash } from "node:crypto"
import { beforeAll, describe, expect, it } from "vitest"
import { eventLines, itemsCsv } from "./files.ts"
import { type DemoShop, type DemoShopOptions, generateDemoShop } from "./generate.ts"

function digest(shop: DemoShop): string {
  const hash = createHash("sha256")
  for (const chunk of eventLines(shop.events)) hash.update(chunk)
  return hash.update(itemsCsv(shop.products)).update(JSON.stringify(shop.truth)).digest("hex")
}

const small = (options: DemoShopOptions = {}) => generateDemoShop({ shoppers: 120, seed: 7, ...options })

describe("the demo shop from a seed", () => {
  it("is the same to the byte for the same seed and another for another seed", () => {
    expect(digest(small())).toBe(digest(small()))
    expect(digest(small({ seed: 8 }))).not.toBe(digest(small()))
  })

  it("reports progress up to the last person", () => {
    const seen: number[] = []
    generateDemoShop({ shoppers: 150, onProgress: (done) => seen.push(done) })
    expect(seen).toEqual([100, 150])
  })

  it("ends where it is told to, with its period before it", () => {
    const shop = small({ endMs: Date.UTC(2025, 2, 10, 13), days: 60 })
    expect(new Date(shop.truth.endMs).toISOString()).toBe("2025-03-10T00:00:00.000Z")
    expect(
      shop.events.filter((event) => event.atMs < shop.truth.startMs || event.atMs >= shop.truth.endMs),
    ).toEqual([])
  })

  it("keeps catalogue and people in the drift world, and changes prices from the shock on", () => {
    const base = small()
    const drift = small({ world: "drift" })
    expect(drift.products).toEqual(base.products)
    expect(drift.truth.people.map((person) => person.taste)).toEqual(
      base.truth.people.map((person) => person.taste),
    )
    const shockMs = drift.truth.shockMs ?? 0
    expect(shockMs).toBeGreaterThan(drift.truth.startMs)
    const listed = new Map(drift.products.map((product) => [product.item, product.priceCents]))
    const dearer = (fromMs: number, toMs: number) =>
      drift.events.filter(
        (e) =>
          e.atMs >= fromMs && e.atMs < toMs && (e.priceCents ?? 0) > (listed.get(e.item ?? "") ?? Infinity),
      ).length
    expect(dearer(0, shockMs)).toBe(0)
    expect(dearer(shockMs, Infinity)).toBeGreaterThan(0)
  })
})

describe("the drift world", () => {
  const base = generateDemoShop({ shoppers: 600, seed: 7 })
  const drift = generateDemoShop({ shoppers: 600, seed: 7, world: "drift" })
  const shockMs = drift.truth.shockMs ?? 0
  const turnedMs = shockMs + (drift.truth.endMs - drift.truth.startMs) / 4

  it("is the base world up to the shock, to the event", () => {
    const untilShock = (shop: DemoShop) =>
      [...new Map(shop.events.map((event) => [event.id, event])).values()]
        .filter((event) => event.atMs < shockMs)
        .sort((a, b) => a.atMs - b.atMs || (a.id ?? "").localeCompare(b.id ?? ""))
    expect(untilShock(drift).length).toBeGreaterThan(1_000)
    expect(untilShock(drift)).toEqual(untilShock(base))
  })

  it("has other habits afterwards: more searches to a collection page, more recommendations followed", () => {
    const shares = (shop: DemoShop) => {
      const counts = new Map<string, number>()
      for (const event of shop.events)
        if (event.atMs > turnedMs) counts.set(event.type, (counts.get(event.type) ?? 0) + 1)
      const of = (type: string) => counts.get(type) ?? 0
      return {
        searches: of("search") / of("collection_view"),
        followed: of("recommendation_click") / of("product_view"),
      }
    }
    expect(shares(drift).searches).toBeGreaterThan(2 * shares(base).searches)
    expect(shares(drift).followed).toBeGreaterThan(1.5 * shares(base).followed)
  })

  it("is accounted for like the base world, habits that turn included", () => {
    for (const step of [...drift.truth.conversion, ...drift.truth.checkout, ...drift.truth.hazards])
      expect(Math.abs(step.observed - step.expected), `${step.from} → ${step.to}`).toBeLessThanOrEqual(
        4.5 * Math.sqrt(step.variance) + 1e-6,
      )
  })
})

describe("the demo shop at its default size", () => {
  let shop: DemoShop
  beforeAll(() => {
    shop = generateDemoShop()
  }, 60_000)

  it("is as large as a shop worth looking at", () => {
    expect(shop.truth.counts.people).toBeGreaterThanOrEqual(8_000)
    expect(shop.truth.counts.happened - shop.truth.counts.botEvents).toBeGreaterThanOrEqual(250_000)
    expect(shop.products.length).toBeGreaterThanOrEqual(600)
    expect(new Set(shop.products.map((product) => product.category)).size).toBeGreaterThanOrEqual(12)
  })

  it("converts as a home shop does", () => {
    const share = (to: string) => {
      const step = shop.truth.conversion.find((entry) => entry.from === "visit" && entry.to === to)
      return (step?.observed ?? 0) / (step?.atRisk ?? 1)
    }
    expect(share("cart")).toBeGreaterThan(0.08)
    expect(share("cart")).toBeLessThan(0.13)
    expect(share("purchase")).toBeGreaterThan(0.025)
    expect(share("purchase")).toBeLessThan(0.04)
  })

  it("observes its own hazards within their sampling intervals", () => {
    for (const step of [...shop.truth.conversion, ...shop.truth.checkout, ...shop.truth.hazards]) {
      // Over some fifty intervals, 4.5 standard deviations are passed once in thousands of seeds.
      expect(Math.abs(step.observed - step.expected), `${step.from} → ${step.to}`).toBeLessThanOrEqual(
        4.5 * Math.sqrt(step.variance) + 1e-6,
      )
    }
  })

  it("states an entropy that its own draws agree with", () => {
    for (const stage of shop.truth.nextStage)
      expect(Math.abs(stage.logLossNats - stage.entropyNats)).toBeLessThan(4 / Math.sqrt(stage.steps))
    const { entropyNats, logLossNats, steps } = shop.truth.nextStageTest
    expect(Math.abs(logLossNats - entropyNats)).toBeLessThan(4 / Math.sqrt(steps))
    expect(shop.truth.nextItem.logLossNats).toBeCloseTo(shop.truth.nextItem.entropyNats, 1)
  })
})
