import { expect, test } from "vitest"
import { buildJourneys } from "./journeys.ts"

const DAY = 86_400_000

function visit(
  day: number,
  more: { furthestStage?: number; purchased?: boolean; revenueCents?: number } = {},
) {
  const { furthestStage = 2, purchased = false, revenueCents = 0 } = more
  return {
    startedMs: day * DAY,
    endedMs: day * DAY + 600_000,
    furthestStage: purchased ? 5 : furthestStage,
    purchasedMs: purchased ? day * DAY + 300_000 : null,
    revenueCents,
  }
}

const outcomes = (visits: ReturnType<typeof visit>[], day: number) =>
  buildJourneys(visits, day * DAY).map(({ outcome, sessions }) => [outcome, sessions])

test("a journey runs over visits until one purchases; the next begins after it", () => {
  const visits = [visit(0), visit(3), visit(4, { purchased: true }), visit(10)]
  expect(outcomes(visits, 12)).toEqual([
    ["purchased", 3],
    ["open", 1],
  ])
})

test("30 days without a visit abandon a journey, at its end and in its midst", () => {
  expect(outcomes([visit(0), visit(31)], 40)).toEqual([
    ["abandoned", 1],
    ["open", 1],
  ])
  expect(outcomes([visit(0), visit(30)], 40)).toEqual([["open", 2]])
  expect(outcomes([visit(0)], 31)).toEqual([["abandoned", 1]])
})

test("a journey knows how far it went and what it brought", () => {
  const visits = [visit(0, { furthestStage: 4 }), visit(1, { purchased: true, revenueCents: 4_200 })]
  expect(buildJourneys(visits, 5 * DAY)).toMatchObject([
    { furthestStage: 5, revenueCents: 4_200, sessions: 2 },
  ])
})
