/** What is counted over a log to judge whether it is ready: one pass over it, no judgement. */
import { EVENT_TYPE_CODES, type EventType } from "../../capture/event.ts"
import type { PersonEvent } from "../../features/baskets.ts"
import { inReadingOrder } from "../../features/history-inputs.ts"
import { type PlainLog, timesOf } from "../../features/plain-log.ts"
import type { TimeCuts } from "../../features/time-cuts.ts"
import { visitBuys, visitNumbers } from "../../features/visits.ts"
import { isBot } from "../../journey/bots.ts"
import { buildSessions } from "../../journey/sessions.ts"

export type Hole = { fromMs: number; days: number }

export type LogFacts = {
  events: number
  shoppers: number
  items: number
  startMs: number
  endMs: number
  /** Events that name a product, and of these the ones whose product has no line in the items file. */
  itemEvents: number
  itemEventsWithoutText: number
  purchaseLines: number
  purchaseLinesWithoutPrice: number
  orders: number
  identicalRows: number
  /** No event has a time of day of its own. */
  byTheDay: boolean
  holes: Hole[]
  /** Shoppers of a day that has any, the median. */
  medianPerDay: number
  busiestShopper: number
  bots: { shoppers: number; events: number }
  singleEventShoppers: number
  /** Shoppers who can be asked about by leaving one out: at least three events with a product. */
  longEnoughShoppers: number
  /** Of the test part of the time split. */
  test: {
    /** Product events of shoppers who were there before. */
    questions: number
    itemEvents: number
    /** Product events whose product no earlier event names. */
    newItemEvents: number
    buyersKnown: number
    buyers: number
  } | null
  /** Who had bought before the test, those of them who buy again in it, and those who pay for it. */
  customers: { before: number; back: number; paying: number } | null
  visits: { all: number; buying: number; buyingInTest: number }
  /** Types of event after which a visit all but always buys, with the share that does. */
  tellTale: { type: EventType; visits: number; share: number }[]
}

const DAY_MS = 86_400_000

export function logFacts(log: PlainLog, cuts: TimeCuts | null): LogFacts {
  const times = timesOf(log)
  const described = log.describedItems
  const days = daysOf(log)
  const facts: LogFacts = {
    events: times.length,
    shoppers: log.shoppers.length,
    items: log.items.length,
    startMs: times[0] ?? 0,
    endMs: times.at(-1) ?? 0,
    itemEvents: 0,
    itemEventsWithoutText: 0,
    purchaseLines: 0,
    purchaseLinesWithoutPrice: 0,
    orders: 0,
    identicalRows: 0,
    byTheDay: new Set(times.map((ms) => ((ms % DAY_MS) + DAY_MS) % DAY_MS)).size <= 1,
    ...days,
    busiestShopper: 0,
    bots: { shoppers: 0, events: 0 },
    singleEventShoppers: 0,
    longEnoughShoppers: 0,
    test: cuts === null ? null : { questions: 0, itemEvents: 0, newItemEvents: 0, buyersKnown: 0, buyers: 0 },
    customers: cuts === null ? null : { before: 0, back: 0, paying: 0 },
    visits: { all: 0, buying: 0, buyingInTest: 0 },
    tellTale: [],
  }
  const itemsBefore = cuts === null ? new Set<number>() : itemsSeenBefore(log, cuts.testMs)
  const visitsOfType = new Map<EventType, { visits: number; buying: number }>()
  for (const events of log.shoppers) {
    countEvents(facts, events, described)
    countShopper(facts, events)
    countVisits(facts, events, visitsOfType, cuts)
    if (cuts !== null) countTest(facts, events, itemsBefore, cuts.testMs)
  }
  facts.tellTale = tellTaleTypes(visitsOfType)
  return facts
}

function countEvents(facts: LogFacts, events: readonly PersonEvent[], described: number): void {
  const seen = new Set<string>()
  const orders = new Set<string>()
  for (const event of events) {
    if (event.productId !== null) {
      facts.itemEvents += 1
      if (event.productId > described) facts.itemEventsWithoutText += 1
    }
    if (event.type === "purchase") {
      facts.purchaseLines += 1
      if (event.priceCents === null) facts.purchaseLinesWithoutPrice += 1
      orders.add(event.orderRef ?? `at ${event.atMs}`)
    }
    const content = `${event.type} ${event.atMs} ${event.productId} ${event.priceCents} ${event.quantity} ${event.orderRef} ${event.source}`
    if (seen.has(content)) facts.identicalRows += 1
    seen.add(content)
  }
  facts.orders += orders.size
}

function countShopper(facts: LogFacts, events: readonly PersonEvent[]): void {
  facts.busiestShopper = Math.max(facts.busiestShopper, events.length)
  if (events.length === 1) facts.singleEventShoppers += 1
  if (events.filter((event) => event.productId !== null).length >= 3) facts.longEnoughShoppers += 1
  const journey = events
    .map((event) => ({
      type: EVENT_TYPE_CODES[event.type],
      atMs: event.atMs,
      productId: event.productId,
      source: event.source,
      sourceSession: null,
      orderRef: event.orderRef,
      amountCents: 0,
    }))
    .sort((a, b) => a.atMs - b.atMs || a.type - b.type)
  if (!isBot(buildSessions(journey))) return
  facts.bots.shoppers += 1
  facts.bots.events += events.length
}

function countVisits(
  facts: LogFacts,
  events: readonly PersonEvent[],
  visitsOfType: Map<EventType, { visits: number; buying: number }>,
  cuts: TimeCuts | null,
): void {
  const ordered = inReadingOrder(events)
  const visits = visitNumbers(ordered)
  const buys = visitBuys(ordered, facts.endMs)
  const types = new Map<EventType, boolean>()
  const close = () => {
    for (const [type, buying] of types) {
      const known = visitsOfType.get(type) ?? { visits: 0, buying: 0 }
      known.visits += 1
      if (buying) known.buying += 1
      visitsOfType.set(type, known)
    }
    types.clear()
  }
  for (const [index, event] of ordered.entries()) {
    const starts = index === 0 || visits[index] !== visits[index - 1]
    if (starts) {
      close()
      facts.visits.all += 1
      if (buys[index] === 1) {
        facts.visits.buying += 1
        if (cuts !== null && event.atMs >= cuts.testMs) facts.visits.buyingInTest += 1
      }
    }
    if (event.type !== "purchase" && !types.has(event.type)) types.set(event.type, buys[index] === 1)
  }
  close()
}

function countTest(
  facts: LogFacts,
  events: readonly PersonEvent[],
  itemsBefore: ReadonlySet<number>,
  testMs: number,
): void {
  const { test, customers } = facts
  if (test === null || customers === null) return
  const isBefore = (event: PersonEvent) => event.atMs < testMs
  const after = events.filter((event) => !isBefore(event))
  const known = after.length < events.length
  for (const { productId } of after) {
    if (productId === null) continue
    test.itemEvents += 1
    if (known) test.questions += 1
    if (!itemsBefore.has(productId)) test.newItemEvents += 1
  }
  const bought = after.filter((event) => event.type === "purchase")
  if (bought.length > 0) {
    test.buyers += 1
    if (known) test.buyersKnown += 1
  }
  if (!events.some((event) => event.type === "purchase" && isBefore(event))) return
  customers.before += 1
  if (bought.length > 0) customers.back += 1
  if (bought.some((event) => (event.priceCents ?? 0) > 0)) customers.paying += 1
}

function itemsSeenBefore(log: PlainLog, testMs: number): Set<number> {
  const seen = new Set<number>()
  for (const events of log.shoppers)
    for (const { productId, atMs } of events) if (productId !== null && atMs < testMs) seen.add(productId)
  return seen
}

const TELL_TALE_SHARE = 0.98
const TELL_TALE_VISITS = 30

function tellTaleTypes(visitsOfType: ReadonlyMap<EventType, { visits: number; buying: number }>) {
  return [...visitsOfType]
    .map(([type, { visits, buying }]) => ({ type, visits, share: buying / visits }))
    .filter(({ visits, share }) => visits >= TELL_TALE_VISITS && share >= TELL_TALE_SHARE)
}

/** Fewer shoppers on a usual day than this, and a day without any says nothing: e⁻¹⁰ is 1 day in 22,000. */
const BUSY_DAY = 10
/** A day of the week without events in this share of the weeks is one on which the shop is closed. */
const CLOSED_SHARE = 0.8

function daysOf(log: PlainLog): { holes: Hole[]; medianPerDay: number } {
  const counts = new Map<number, number>()
  for (const events of log.shoppers)
    for (const day of new Set(events.map(({ atMs }) => Math.floor(atMs / DAY_MS))))
      counts.set(day, (counts.get(day) ?? 0) + 1)
  const sorted = [...counts.values()].sort((a, b) => a - b)
  const medianPerDay = sorted[Math.floor(sorted.length / 2)] ?? 0
  if (medianPerDay < BUSY_DAY) return { holes: [], medianPerDay }
  const present = [...counts.keys()].sort((a, b) => a - b)
  const first = present[0] ?? 0
  const days = (present.at(-1) ?? 0) - first + 1
  const empty = Array.from({ length: days }, (_, index) => !counts.has(first + index))
  const closed = Array.from({ length: 7 }, (_, weekday) => {
    const same = empty.filter((_, index) => index % 7 === weekday)
    return same.length > 0 && same.filter(Boolean).length >= CLOSED_SHARE * same.length
  })
  const holes: Hole[] = []
  let run = 0
  for (let index = 0; index <= days; index += 1) {
    if (empty[index] === true) {
      run += 1
      continue
    }
    const from = index - run
    const unusual = Array.from({ length: run }, (_, step) => closed[(from + step) % 7] !== true)
    if (unusual.some(Boolean)) holes.push({ fromMs: (first + from) * DAY_MS, days: run })
    run = 0
  }
  return { holes, medianPerDay }
}
