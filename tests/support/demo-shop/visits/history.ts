import type { PlainEvent } from "../../../../app/capture/event.ts"
import { campaignAt, DAY_MS, HOUR_MS, HOURS, MINUTE_MS } from "../people/calendar.ts"
import { inStock, type Market } from "../people/market.ts"
import { makePerson } from "../people/person.ts"
import { makeRandom } from "../random.ts"
import { newErrand, pickKind } from "./errand.ts"
import type { Ledger } from "./ledger.ts"
import { beginLife, customerId, type Life } from "./life.ts"
import { runVisit, type VisitPlan, type VisitResult } from "./visit.ts"

/**
 * A person's whole history: visits in continuous time, a chance of dropping out after each (the buy-till-you-die
 * family: Schmittlein, Morrison and Colombo 1987; Fader, Hardie and Lee 2005), reasons to come back (an errand
 * not settled, a cart left behind, something used up, a newsletter) and, for a few, a return long after.
 */
const SOURCES: readonly string[] = ["", "search", "social", "ad", "email", "referral"]
/** Readiness that a channel brings, in logits: who types the address wants more than who follows a picture. */
const CHANNEL_INTENT = [0.15, 0.1, -0.7, -0.35, 0.25, 0]
/** More than the 30 minutes that split visits. */
const APART_MS = 36 * MINUTE_MS
const SHARE_KNOWN_BEFORE = 0.3

/** Moves a wished time to a day and hour at which people do visit. */
function settle(market: Market, life: Life, wishMs: number, notBeforeMs: number): number {
  const { calendar } = market
  const { random, person } = life
  const wishDay = Math.floor((wishMs - calendar.startMs) / DAY_MS)
  const weights = [-1, 0, 1, 2].map((shift) => (calendar.intensity[wishDay + shift] ?? 0) ** 2.2)
  const shift =
    wishDay >= 0 && wishDay < calendar.days && wishMs - notBeforeMs > 1.5 * DAY_MS
      ? random.weighted(weights) - 1
      : 0
  const hour = (random.weighted(HOURS) + random.unit() + person.lateness + 24) % 24
  const atMs = calendar.startMs + (wishDay + shift) * DAY_MS + Math.floor(hour * HOUR_MS)
  return atMs >= notBeforeMs + APART_MS ? atMs : notBeforeMs + APART_MS + random.integer(4 * HOUR_MS)
}

function arrivalMs(market: Market, life: Life): number {
  const day = life.random.weighted(market.calendar.intensity)
  return market.calendar.startMs + day * DAY_MS
}

type Reason =
  | { kind: "errand" }
  | { kind: "replenish"; index: number }
  | { kind: "cart" }
  | { kind: "campaign"; source: string }

function planVisit(market: Market, life: Life, startMs: number, reason: Reason): VisitPlan {
  const { random, person } = life
  const plan = (channel: number, landing: VisitPlan["landing"], extra: number): VisitPlan => ({
    startMs,
    source: SOURCES[channel] || undefined,
    landing,
    intent: person.resolve + (CHANNEL_INTENT[channel] ?? 0) + extra + 0.5 * random.normal(),
  })
  switch (reason.kind) {
    case "replenish": {
      life.errand = newErrand(life, market.kindOf[reason.index] ?? "soap")
      const direct = random.chance(0.6) && inStock(market, reason.index, startMs)
      return {
        ...plan(random.chance(0.5) ? 0 : 4, direct ? "product_view" : "collection_view", 1.9),
        ...(direct ? { product: reason.index } : {}),
      }
    }
    case "cart":
      return { ...plan(4, "cart_view", 0.5), source: "email:your-cart" }
    case "campaign": {
      life.errand = newErrand(life, pickKind(market, life, reason.source, startMs))
      return { ...plan(4, "collection_view", 0.1), source: reason.source }
    }
    case "errand": {
      const channel = random.weighted(person.channels)
      const campaign = campaignAt(market.calendar, startMs)
      let source = SOURCES[channel] || undefined
      if (campaign?.sale && channel === 3) source = campaign.source
      if (channel === 4) source = campaign && !campaign.sale ? campaign.source : "email"
      if (life.errand === null || random.chance(0.3))
        life.errand = newErrand(life, pickKind(market, life, source, startMs))
      const landing =
        (
          [
            "page_view",
            "product_view",
            "product_view",
            "collection_view",
            "collection_view",
            "page_view",
          ] as const
        )[channel] ?? "page_view"
      const turn = random.unit()
      return {
        ...plan(channel, turn < 0.7 ? landing : turn < 0.88 ? "collection_view" : "page_view", 0),
        source,
      }
    }
    default:
      return reason satisfies never
  }
}

/** The next visit that something prompts, or what the person's own rhythm brings. Null: they are gone. */
function nextVisit(market: Market, life: Life, last: VisitResult): { wishMs: number; reason: Reason } | null {
  const { random, person } = life
  const from = last.endMs
  if (!last.ordered && life.cart.size > 0 && life.customer !== null && random.chance(0.24))
    return { wishMs: from + random.between(0.6, 2) * DAY_MS, reason: { kind: "cart" } }
  if (!last.ordered && (life.cart.size > 0 || (life.errand?.seen.size ?? 0) >= 3) && random.chance(0.36)) {
    return { wishMs: from + 1.1 * DAY_MS * Math.exp(0.9 * random.normal()), reason: { kind: "errand" } }
  }
  const due = life.larder.sort((a, b) => a.dueMs - b.dueMs)[0]
  if (random.chance(person.dropout * (last.ordered ? 0.6 : 1) * (due ? 0.6 : 1))) return null
  const rhythmMs = from + random.exponential(person.gapDays) * DAY_MS
  if (due && due.dueMs < rhythmMs + 20 * DAY_MS) {
    life.larder.shift()
    if (random.chance(0.7))
      return {
        wishMs: Math.max(from + DAY_MS, due.dueMs - random.between(0, 6) * DAY_MS),
        reason: { kind: "replenish", index: due.index },
      }
  }
  const mailed =
    life.customer === null
      ? undefined
      : market.calendar.campaigns.find(
          (campaign) => !campaign.sale && campaign.fromMs > from && campaign.fromMs < rhythmMs,
        )
  if (mailed && random.chance(0.16))
    return {
      wishMs: mailed.fromMs + random.between(0, 1.4) * DAY_MS,
      reason: { kind: "campaign", source: mailed.source },
    }
  return { wishMs: rhythmMs, reason: { kind: "errand" } }
}

const LAST_START_MS = 3 * HOUR_MS // a visit begun this long before the end is over by then

export function simulatePerson(
  market: Market,
  seed: number,
  index: number,
  ledger: Ledger,
  emit: (event: PlainEvent) => void,
): Life {
  const person = makePerson(seed, index)
  const life = beginLife(seed, person, emit)
  const { random } = life
  const { startMs } = market.calendar
  const knownBefore = random.chance(SHARE_KNOWN_BEFORE)
  if (knownBefore) {
    // Who was here before and still comes is who does not drop out easily.
    person.dropout *= 0.5
    if (person.hasAccount && random.chance(0.8)) life.customer = customerId(seed, person)
  }
  let wishMs = knownBefore ? startMs + random.exponential(person.gapDays) * DAY_MS : arrivalMs(market, life)
  let reason: Reason = { kind: "errand" }
  let endedMs = startMs
  for (;;) {
    const atMs = settle(market, life, wishMs, endedMs)
    if (atMs > market.endMs - LAST_START_MS) break
    if (life.churnedMs !== null && life.returnedMs === null) life.returnedMs = atMs
    let result = runVisit(market, seed, life, planVisit(market, life, atMs, reason), ledger)
    if (
      life.customer !== null &&
      random.chance(0.012) &&
      result.endMs + HOUR_MS < market.endMs - LAST_START_MS
    ) {
      // A newsletter is opened minutes after: another campaign, so another visit by any reader's rule.
      const again = result.endMs + random.between(2, 14) * MINUTE_MS
      result = runVisit(
        market,
        seed,
        life,
        {
          ...planVisit(market, life, Math.round(again), { kind: "campaign", source: "email:back-in-stock" }),
          browser: result.browser,
        },
        ledger,
      )
    }
    endedMs = result.endMs
    const next = nextVisit(market, life, result)
    if (next) {
      wishMs = next.wishMs
      reason = next.reason
      continue
    }
    if (life.churnedMs !== null) {
      // Gone a second time: the first return stands in the truth, and this is the date that counts.
      life.churnedMs = result.endMs
      break
    }
    life.churnedMs = result.endMs
    if (!makeRandom(`return|${seed}|${index}`).chance(0.09)) break
    wishMs = result.endMs + random.between(45, 110) * DAY_MS
    reason = { kind: "errand" }
    life.errand = null
  }
  return life
}
