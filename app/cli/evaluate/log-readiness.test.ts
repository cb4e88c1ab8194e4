import { describe, expect, test } from "vitest"
import type { PlainEvent } from "../../capture/event.ts"
import { plainLogBuilder, timesOf } from "../../features/plain-log.ts"
import { timeCuts } from "../../features/time-cuts.ts"
import { logFacts } from "./log-facts.ts"
import { logReadiness } from "./log-readiness.ts"
import type { Split } from "./options.ts"

const START_MS = Date.UTC(2026, 0, 5, 8)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const at = (days: number, hours = 0) => START_MS + days * DAY_MS + hours * HOUR_MS

/** 90 shoppers over 90 days: each looks at a product every third day at an hour of their own, and buys in the end. */
function someEvents(): PlainEvent[] {
  return Array.from({ length: 90 }, (_, shopper) =>
    Array.from({ length: 30 }, (_, visit): PlainEvent[] => {
      const atMs = at(visit * 3 + (shopper % 3), 1 + (shopper % 12)) + shopper * 7_000
      const event = { shopper: `s${shopper}`, atMs, item: `p${(shopper + visit) % 15}`, priceCents: 500 }
      return [
        { ...event, type: "product_view" },
        { ...event, type: visit % 3 === 2 ? "purchase" : "cart_add", atMs: atMs + 60_000 },
      ]
    }).flat(),
  ).flat()
}

function findingsOf(
  events: readonly PlainEvent[],
  target: "next-event" | "next-basket" | "purchase" | "return" | "spend" = "next-event",
  split: Split = "time",
  read: { rowsRead?: number; aside?: object } = {},
) {
  const builder = plainLogBuilder()
  for (const event of events) builder.addEvent(event)
  const log = builder.log()
  const times = timesOf(log)
  const cuts = split === "time" && times[0] !== times.at(-1) ? timeCuts(target, times, null) : null
  const file = { rowsRead: read.rowsRead ?? events.length, aside: read.aside ?? {}, asideFile: "aside.jsonl" }
  return logReadiness(logFacts(log, cuts), { log, events: file, items: null }, { target, split })
}

const subject = (found: ReturnType<typeof findingsOf>, name: string) =>
  found.find((one) => one.subject === name)

test("a log without problems has none but the missing items file", () => {
  const findings = findingsOf(someEvents())
  expect(findings.filter(({ level }) => level !== "fine").map((one) => one.subject)).toEqual([
    "no items file",
  ])
})

describe("found and named:", () => {
  test("days without events amid busy ones, and not a day of the week on which the shop is closed", () => {
    const closedOnDay5 = someEvents().filter(({ atMs }) => Math.floor((atMs - START_MS) / DAY_MS) % 7 !== 5)
    expect(subject(findingsOf(closedOnDay5), "holes")).toBeUndefined()
    const holed = someEvents().filter(({ atMs }) => atMs < at(40) || atMs > at(47))
    expect(subject(findingsOf(holed), "holes")?.sentence).toContain("from 2026-02-1")
  })

  test("times by the day", () => {
    const byDay = someEvents().map((event) => ({ ...event, atMs: Math.floor(event.atMs / DAY_MS) * DAY_MS }))
    expect(subject(findingsOf(byDay), "times")?.level).toBe("warning")
    expect(subject(findingsOf(byDay, "purchase"), "too little data")?.sentence).toContain("by the day")
  })

  test("rows repeated to the letter", () => {
    const events = someEvents()
    expect(subject(findingsOf([...events, ...events.slice(0, 900)]), "identical rows")?.sentence).toContain(
      "900",
    )
  })

  test("browsers that are somebody's, mended", () => {
    const browsed = someEvents().map((event): PlainEvent => {
      const [session, isOwn] = [
        `${event.shopper} ${event.atMs - (event.atMs % DAY_MS)}`,
        event.shopper < "s2",
      ]
      return event.type === "purchase" || !isOwn
        ? { ...event, session }
        : { ...event, session, shopper: `browser of ${event.shopper}` }
    })
    expect(subject(findingsOf(browsed), "two names")).toMatchObject({
      level: "mended",
      sentence: expect.stringMatching(/^12 shoppers without an account share .* and count as that one\.$/),
    })
    expect(subject(findingsOf(someEvents()), "two names")).toBeUndefined()
  })

  test("ids that come twice, mended", () => {
    const named = someEvents().map((event, index) => ({ ...event, id: `e${index}` }))
    const found = subject(findingsOf([...named, ...named.slice(0, 3)]), "repeated ids")
    expect(found).toMatchObject({ level: "mended", sentence: expect.stringContaining("3 events") })
  })

  test("one shopper with a large share", () => {
    const till = someEvents().map((event, index) => (index % 4 === 0 ? { ...event, shopper: "till" } : event))
    expect(subject(findingsOf(till), "one shopper")?.sentence).toContain("25 %")
  })

  test("rows that could not be read, and a file of which most could not", () => {
    const events = someEvents()
    const noise = (bad: number) =>
      subject(
        findingsOf(events, "next-event", "time", { rowsRead: events.length + bad, aside: { bad_time: bad } }),
        "events: noise",
      )
    expect(noise(5)?.level).toBe("mended")
    expect(noise(500)).toMatchObject({ level: "warning", sentence: expect.stringContaining("bad_time 500") })
    expect(noise(9_000)?.level).toBe("refused")
  })

  test("an event type after which every visit buys", () => {
    const events = someEvents().flatMap((event): PlainEvent[] =>
      event.type === "purchase"
        ? [{ ...event, type: "checkout_payment", atMs: event.atMs - 30_000 }, event]
        : [event],
    )
    expect(subject(findingsOf(events, "purchase"), "tells the answer")?.sentence).toContain(
      "checkout_payment",
    )
    expect(subject(findingsOf(someEvents(), "purchase"), "tells the answer")).toBeUndefined()
  })

  test("products that only the test part names", () => {
    const events = someEvents().map((event) =>
      event.atMs > at(83) ? { ...event, item: `new-${event.item}` } : event,
    )
    expect(subject(findingsOf(events), "new products")?.level).toBe("warning")
  })

  test("several currencies, and purchases without a price where spend is asked", () => {
    const mixed = someEvents().map((event, index) => ({
      ...event,
      currency: index % 2 ? "EUR" : "USD",
      priceCents: event.type === "purchase" && index % 8 === 5 ? undefined : 500,
    }))
    const found = findingsOf(mixed, "spend")
    expect(subject(found, "currencies")?.sentence).toContain("EUR, USD")
    expect(subject(found, "prices missing")?.level).toBe("warning")
  })
})

describe("refused, with what is needed and what came:", () => {
  test("too few shoppers for the target", () => {
    const few = someEvents().filter(({ shopper }) => shopper.length === 2)
    expect(subject(findingsOf(few, "next-event", "leave-one-out"), "too little data")?.sentence).toMatch(
      /at least 30 shoppers.*the log has 10/,
    )
  })

  test("a log without purchases for those who buy", () => {
    const looks = someEvents().filter(({ type }) => type !== "purchase")
    for (const target of ["next-basket", "purchase", "return", "spend"] as const)
      expect(subject(findingsOf(looks, target), "too little data")?.level).toBe("refused")
  })

  test("a log of one moment where it is to be split by time", () => {
    const still = someEvents().map((event) => ({ ...event, atMs: START_MS }))
    expect(subject(findingsOf(still), "times")?.level).toBe("refused")
  })

  test("a log without any event", () => {
    expect(findingsOf([]).some(({ level }) => level === "refused")).toBe(true)
  })
})
