import { beforeAll, describe, expect, it } from "vitest"
import type { PlainEvent } from "../../../app/capture/event.ts"
import { type DemoShop, generateDemoShop } from "./generate.ts"
import { knownAs, samplingInterval } from "./truth.ts"
import { STAGES, stageIndex } from "./visits/ledger.ts"

const THIRTY_MINUTES_MS = 30 * 60_000

let shop: DemoShop
/** Every event once, in order of time. */
let distinct: PlainEvent[]
let bots: Set<string>

beforeAll(() => {
  shop = generateDemoShop({ shoppers: 1000, seed: 11 })
  bots = new Set(shop.truth.bots.map((bot) => bot.visitor))
  distinct = [...new Map(shop.events.map((event) => [event.id, event])).values()].sort(
    (a, b) => a.atMs - b.atMs,
  )
})

const isCustomer = (shopper: string) => shopper.startsWith("cust-")

describe("what the truth says of the file", () => {
  it("names every duplicate by its id", () => {
    const times = new Map<string, number>()
    for (const event of shop.events) times.set(event.id ?? "", (times.get(event.id ?? "") ?? 0) + 1)
    const repeated = [...times].filter(([, count]) => count > 1).map(([id]) => id)
    expect(repeated.sort()).toEqual([...shop.truth.duplicateIds].sort())
    expect(times.size).toBe(shop.truth.counts.happened)
    expect(shop.events.length).toBe(shop.truth.counts.lines)
  })

  it("has late lines that stand after later events, and only those it names or repeats", () => {
    const excused = new Set([...shop.truth.lateIds, ...shop.truth.duplicateIds])
    let latestMs = 0
    let late = 0
    for (const event of shop.events) {
      // A second is the most that an ordinary delivery takes.
      if (event.atMs < latestMs - 1000 && !excused.has(event.id ?? ""))
        expect.fail(`line ${event.id} is late and not named`)
      if (event.atMs < latestMs - 1000) late++
      if (!excused.has(event.id ?? "")) latestMs = Math.max(latestMs, event.atMs)
    }
    expect(late).toBeGreaterThan(0.5 * shop.truth.counts.late)
  })

  it("counts the events of each bot, none of which puts anything in a cart", () => {
    for (const bot of shop.truth.bots) {
      const events = distinct.filter((event) => event.shopper === bot.visitor)
      expect(events.length).toBe(bot.events)
      expect(events.filter((event) => stageIndex(event.type) !== 1)).toEqual([])
    }
  })

  it("counts visits and the stages that they reach", () => {
    const reached = new Map<string, Set<string>>()
    for (const event of distinct) {
      if (bots.has(event.shopper) || event.type === "refund") continue
      const stages = reached.get(event.session ?? "") ?? new Set()
      reached.set(event.session ?? "", stages.add(STAGES[stageIndex(event.type)] ?? ""))
    }
    expect(reached.size).toBe(shop.truth.counts.visits)
    for (const step of shop.truth.conversion) {
      const from = [...reached.values()].filter((stages) => step.from === "visit" || stages.has(step.from))
      expect(from.length, step.from).toBe(step.atRisk)
      const observed = from.filter((stages) => stages.has(step.to)).length
      expect(observed, `${step.from} → ${step.to}`).toBe(step.observed)
      const { low, high } = samplingInterval(step, 4.5)
      expect(observed / from.length).toBeGreaterThanOrEqual(low - 1e-9)
      expect(observed / from.length).toBeLessThanOrEqual(high + 1e-9)
    }
  })

  it("states for the last tenth of the steps an entropy that no table of transitions gets down to", () => {
    const { fromMs, steps, logLossNats } = shop.truth.nextStageTest
    const visits = new Map<string, PlainEvent[]>()
    for (const event of distinct) {
      if (bots.has(event.shopper) || event.type === "refund") continue
      const visit = visits.get(event.session ?? "") ?? []
      // The lines of an order are one step.
      if (event.type !== "purchase" || visit.at(-1)?.order !== event.order) visit.push(event)
      visits.set(event.session ?? "", visit)
    }
    const counts = new Map<string, number>()
    const add = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
    let found = 0
    for (const visit of visits.values())
      for (const [at, event] of visit.entries()) {
        if (event.atMs < fromMs) continue
        const next = visit[at + 1]
        add(`${stageIndex(event.type)}`)
        add(`${stageIndex(event.type)}>${next ? stageIndex(next.type) : "leave"}`)
        found++
      }
    // The log's end cuts a few visits off, and what is cut off was no draw.
    expect(found).toBeGreaterThanOrEqual(steps)
    expect(found).toBeLessThan(1.01 * steps + 5)
    let table = 0
    for (const [key, count] of counts) {
      const [from, to] = key.split(">")
      if (to !== undefined) table -= (count / found) * Math.log(count / (counts.get(from ?? "") ?? count))
    }
    expect(logLossNats).toBeLessThan(table - 0.01)
  })

  it("joins visitors to customers exactly where the rule finds them in the file", () => {
    const bySession = new Map<string, Set<string>>()
    for (const event of distinct)
      if (event.session)
        bySession.set(event.session, (bySession.get(event.session) ?? new Set()).add(event.shopper))
    const joined = new Map<string, string>()
    for (const names of bySession.values()) {
      const customers = [...names].filter(isCustomer)
      const [customer] = customers
      if (customers.length === 1 && customer)
        for (const name of names) if (!isCustomer(name)) joined.set(name, customer)
    }
    const expected = new Map(
      shop.truth.people.flatMap((person) =>
        person.joined.map((visitor) => [visitor, person.customer ?? ""] as const),
      ),
    )
    expect(joined).toEqual(expected)
    expect(expected.size).toBeGreaterThan(100)
  })

  it("lists every visitor and customer of the file under one person", () => {
    const owner = new Map<string, string>()
    for (const person of shop.truth.people) {
      for (const name of [...person.visitors, ...(person.customer ? [person.customer] : [])]) {
        expect(owner.has(name)).toBe(false)
        owner.set(name, person.person)
      }
      for (const name of knownAs(person)) expect(owner.get(name)).toBe(person.person)
    }
    expect(distinct.filter((event) => !bots.has(event.shopper) && !owner.has(event.shopper))).toEqual([])
  })

  it("has visits of one person that any reader of the file tells apart as it does", () => {
    const owner = new Map(
      shop.truth.people.flatMap((person) =>
        [...person.visitors, person.customer ?? ""].map((name) => [name, person.person] as const),
      ),
    )
    const last = new Map<string, PlainEvent>()
    let sessions = 0
    for (const event of distinct) {
      if (bots.has(event.shopper) || event.type === "refund") continue
      const person = owner.get(event.shopper) ?? ""
      const before = last.get(person)
      const begins =
        !before ||
        event.atMs - before.atMs > THIRTY_MINUTES_MS ||
        (event.source !== undefined && event.source !== before.source)
      if (begins) sessions++
      if (begins !== (event.session !== before?.session))
        expect.fail(`${event.id} after ${before?.id}: begins is ${begins}`)
      last.set(person, event)
    }
    expect(sessions).toBe(shop.truth.counts.visits)
  })

  it("dates churn at the last visit, and a return after the first", () => {
    const churned = shop.truth.people.filter(
      (person) => person.churnedMs !== null && (person.returnedMs ?? 0) < person.churnedMs,
    )
    expect(churned.length).toBeGreaterThan(100)
    for (const person of churned) expect(person.churnedMs).toBe(person.lastSeenMs)
    for (const person of shop.truth.people)
      if (person.returnedMs !== null) expect(person.returnedMs).toBeGreaterThan(person.firstSeenMs)
  })
})

describe("what a shop would never do", () => {
  it("shows nothing before its launch and sells nothing that is sold out", () => {
    const products = new Map(shop.products.map((product) => [product.item, product]))
    for (const event of distinct) {
      if (event.item === undefined) continue
      const product = products.get(event.item)
      if (!product) expect.fail(`${event.item} is not in the catalogue`)
      if (event.atMs < product.launchMs) expect.fail(`${event.id}: before the launch of ${event.item}`)
      if (event.type === "cart_add" && event.atMs >= (product.soldOutMs ?? Infinity))
        expect.fail(`${event.id}: ${event.item} is sold out`)
    }
    expect(shop.products.filter((product) => !product.available).length).toBeGreaterThan(5)
    expect(shop.products.filter((product) => product.launchMs > shop.truth.startMs).length).toBeGreaterThan(
      15,
    )
  })

  it("takes an order only from somebody known, with a price on every line", () => {
    const orders = new Map<string, string>()
    for (const event of distinct) {
      if (event.type !== "purchase" && event.type !== "refund") continue
      expect(isCustomer(event.shopper)).toBe(true)
      expect(event.priceCents).toBeGreaterThan(0)
      expect(event.quantity).toBeGreaterThan(0)
      if (event.type === "refund") {
        expect(event.session).toBeUndefined()
        expect(orders.get(event.order ?? "")).toBe(event.shopper)
      } else orders.set(event.order ?? "", event.shopper)
    }
    expect(orders.size).toBe(shop.truth.counts.orders)
  })
})
