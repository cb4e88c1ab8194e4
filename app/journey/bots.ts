/**
 * Bots, told by what they do. A visit looks automated when it does only what a crawler does (it looks at pages, and
 * never signs in, searches, keeps, adds or buys anything) and one of these holds:
 *
 *   rate      at least 20 timed gaps, half of them shorter than 2 s: faster than a page can be looked at
 *   rhythm    at least 10 timed gaps, the middle half of them within 5 % of their median: people dwell unevenly
 *             (of gaps drawn from an exponential or a log-normal law, fewer than 1 visit in 10,000 looks so)
 *   breadth   at least 30 products, hardly one seen twice (95 %), half of the gaps shorter than 5 s
 *   volume    at least 100 products among at least 150 events
 *
 * A person is a bot when one of their visits looks automated and none ever reached a checkout or a purchase: orders
 * are the one thing that a crawler does not make. The rules know nothing of user agents: those that name themselves
 * are turned away at the door.
 *
 * Limits: a bot that fills carts passes; so does a crawl thinner than the thresholds. A log whose times are made up
 * must not turn its people into bots: gaps under 50 ms are left out (lines of one order, logs by the day), and so are
 * all gaps where they are the same to the millisecond and shorter than a minute.
 */
import { EVENT_TYPE_CODES } from "../capture/event.ts"
import { STAGE_CODES, stageCodeOf } from "./stages.ts"

const LEAST_GAP_MS = 50
const MADE_UP_GAP_MS = 60_000

const RATE_GAPS = 20
const RATE_MEDIAN_MS = 2_000
const RHYTHM_GAPS = 10
const RHYTHM_SPREAD = 0.05
const BREADTH_PRODUCTS = 30
const BREADTH_SHARE = 0.95
const BREADTH_MEDIAN_MS = 5_000
const VOLUME_PRODUCTS = 100
const VOLUME_EVENTS = 150

type Seen = { type: number; atMs: number; productId: number | null }

/** `events` of one visit, in order of time. */
export function looksAutomated(events: readonly Seen[]): boolean {
  if (events.length <= RHYTHM_GAPS || !events.every(onlyLooks)) return false
  const viewed = events.flatMap(({ productId }) => (productId === null ? [] : [productId]))
  const products = new Set(viewed).size
  if (products >= VOLUME_PRODUCTS && events.length >= VOLUME_EVENTS) return true
  const gaps = timedGaps(events)
  const at = (share: number) => gaps[Math.floor(gaps.length * share)] ?? 0
  const median = at(0.5)
  if (gaps.length >= RHYTHM_GAPS && at(0.75) - at(0.25) < RHYTHM_SPREAD * median) return true
  if (gaps.length < RATE_GAPS) return false
  if (median < RATE_MEDIAN_MS) return true
  return (
    products >= BREADTH_PRODUCTS && products >= BREADTH_SHARE * viewed.length && median < BREADTH_MEDIAN_MS
  )
}

function onlyLooks({ type }: Seen): boolean {
  return stageCodeOf(type) === STAGE_CODES.browse && type !== EVENT_TYPE_CODES.search
}

/** Gaps that say something of how long a page was looked at, ascending, in ms. */
function timedGaps(events: readonly Seen[]): number[] {
  const gaps: number[] = []
  for (const [index, event] of events.entries()) {
    const gap = event.atMs - (events[index - 1]?.atMs ?? event.atMs)
    if (gap >= LEAST_GAP_MS) gaps.push(gap)
  }
  gaps.sort((a, b) => a - b)
  const [shortest] = gaps
  const madeUp = shortest !== undefined && shortest === gaps.at(-1) && shortest < MADE_UP_GAP_MS
  return madeUp ? [] : gaps
}

const ORDERING_STAGES = (1 << (STAGE_CODES.checkout - 1)) | (1 << (STAGE_CODES.purchase - 1))

/** All visits of one person. */
export function isBot(sessions: readonly { automated: boolean; stages: number }[]): boolean {
  return (
    sessions.some((session) => session.automated) &&
    sessions.every((session) => (session.stages & ORDERING_STAGES) === 0)
  )
}
