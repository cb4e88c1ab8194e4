import fc from "fast-check"
import { expect, test } from "vitest"
import { EVENT_TYPE_CODES, EVENT_TYPES, type EventType } from "../capture/event.ts"
import { buildSessions, byTime, type JourneyEvent, SESSION_GAP_MS } from "./sessions.ts"

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 5, 9)

function event(type: EventType, minute: number, more: Partial<JourneyEvent> = {}): JourneyEvent {
  return {
    type: EVENT_TYPE_CODES[type],
    atMs: START + minute * MINUTE,
    productId: null,
    source: null,
    sourceSession: null,
    orderRef: null,
    amountCents: 0,
    ...more,
  }
}

const codes = (...types: EventType[]) => types.map((type) => EVENT_TYPE_CODES[type])

test("30 minutes of silence are still the same visit, more are not", () => {
  expect(buildSessions([event("page_view", 0), event("page_view", 30)])).toHaveLength(1)
  expect(buildSessions([event("page_view", 0), event("page_view", 30.1)])).toHaveLength(2)
})

test("another campaign starts a visit, the same one or none does not", () => {
  const sessions = buildSessions([
    event("page_view", 0, { source: "ad:sale" }),
    event("product_view", 1),
    event("product_view", 2, { source: "ad:sale" }),
    event("page_view", 3, { source: "email:spring" }),
  ])
  expect(sessions.map(({ source, events }) => [source, events])).toEqual([
    ["ad:sale", 3],
    ["email:spring", 1],
  ])
})

test("a visit that came by no campaign takes one that its own browser session names, not one it comes back by", () => {
  const named = { source: "search", sourceSession: "s1" }
  expect(
    buildSessions([event("login", 0, { sourceSession: "s1" }), event("page_view", 1, named)]),
  ).toMatchObject([{ source: "search", events: 2 }])
  expect(buildSessions([event("login", 0), event("page_view", 1, { source: "search" })])).toHaveLength(2)
})

test("steps taken several times in a row are one, and time runs from first to first", () => {
  const [session] = buildSessions([
    event("product_view", 0),
    event("product_view", 2),
    event("cart_add", 5),
    event("product_view", 6),
  ])
  expect(session?.steps).toEqual(codes("product_view", "cart_add", "product_view"))
  expect(session?.gapSeconds).toEqual([300, 60])
})

test("lines of one order are one order, and a refund is part of no visit", () => {
  const line = { orderRef: "1001", amountCents: 1_250 }
  const [session, ...others] = buildSessions([
    event("checkout_payment", 0),
    event("purchase", 1, line),
    event("purchase", 1, line),
    event("purchase", 9, { orderRef: "1002", amountCents: 500 }),
    event("refund", 600, line),
  ])
  expect(others).toEqual([])
  expect(session).toMatchObject({
    orders: 2,
    revenueCents: 3_000,
    purchasedMs: START + MINUTE,
    furthestStage: 5,
  })
})

test("every event but a refund is in exactly one visit, and visits do not overlap", () => {
  const anyEvent = fc
    .tuple(
      fc.constantFrom(...EVENT_TYPES),
      fc.integer({ min: 0, max: 600 }),
      fc.option(fc.constantFrom("ad", "email")),
    )
    .map(([type, minute, source]) => event(type, minute, { source }))
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      const ordered = [...events].sort(byTime)
      const sessions = buildSessions(ordered)
      const counted = sessions.reduce((sum, session) => sum + session.events, 0)
      expect(counted).toBe(events.filter(({ type }) => type !== EVENT_TYPE_CODES.refund).length)
      for (const [index, session] of sessions.entries()) {
        const next = sessions[index + 1]
        if (next !== undefined) expect(next.startedMs).toBeGreaterThanOrEqual(session.endedMs)
        expect(session.gapSeconds).toHaveLength(session.steps.length - 1)
        expect(session.gapSeconds.every((gap) => gap * 1000 <= SESSION_GAP_MS * session.events)).toBe(true)
      }
    }),
  )
})
