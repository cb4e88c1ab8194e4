import type { KindId } from "../catalogue/kinds.ts"
import type { ColourFamily } from "../catalogue/palette.ts"
import {
  inStock,
  type Market,
  onSale,
  priceCentsAt,
  STYLE_DIMENSIONS,
  turnAt,
  weekOf,
} from "../people/market.ts"
import type { Person } from "../people/person.ts"
import type { Random } from "../random.ts"
import { type Ledger, recordItem } from "./ledger.ts"

/**
 * Which product is looked at next: a multinomial logit (McFadden 1974) over what the page shows, with
 *   utility = taste · style + colour in mind + quality + fashion − sensitivity × price + memory of the visit
 * and a bonus for standing near the top of the list. Taste and style are hidden, lists are ordered by the
 * shop, and what has been seen counts against an item until the shopper has looked around and goes back to
 * the favourite.
 */
export type Errand = {
  kind: KindId
  family: ColourFamily
  /** Products seen for this errand and how well each was liked, over all its visits. */
  seen: Map<number, number>
  visits: number
}

const TASTE = 0.62
const COLOUR_IN_MIND = 1.05
const OWN_SCHEME = 0.4
const QUALITY = 0.85
const POSITION = 0.06

/** How much this person likes this product now, in logits; about N(0, 2²) over people and products. */
export function liking(market: Market, person: Person, errand: Errand, index: number, atMs: number): number {
  let match = 0
  const offset = index * STYLE_DIMENSIONS
  const turn = turnAt(market, atMs)
  for (let d = 0; d < STYLE_DIMENSIONS; d++) {
    const taste = (1 - turn) * (person.taste[d] ?? 0) + turn * (person.laterTaste[d] ?? 0)
    match += taste * (market.style[offset + d] ?? 0)
  }
  const family = market.familyOf[index]
  const now = priceCentsAt(market, index, atMs)
  const listed = market.products[index]?.priceCents ?? now
  const price = (market.relativePrice[index] ?? 0) + 1.8 * Math.log(now / listed)
  return (
    TASTE * match +
    (family === errand.family ? COLOUR_IN_MIND : 0) +
    (family === person.scheme[0] || family === person.scheme[1] ? OWN_SCHEME : 0) +
    QUALITY * (market.quality[index] ?? 0) +
    (market.trend[weekOf(market, atMs) * market.products.length + index] ?? 0) -
    person.priceSensitivity * price
  )
}

/** The products of these kinds that a list shows now, in the shop's order; what is sold out stands last. */
export function shelfOf(market: Market, kinds: readonly KindId[], atMs: number): number[] {
  const week = weekOf(market, atMs)
  const key = `${week}|${kinds.join()}`
  let order = market.shelfOrders.get(key)
  if (!order) {
    const place = (index: number) => market.shelf[week * market.products.length + index] ?? 0
    order = kinds.flatMap((kind) => market.byKind[kind]).sort((a, b) => place(a) - place(b))
    market.shelfOrders.set(key, order)
  }
  const shown: number[] = []
  for (const index of order)
    if (onSale(market, index, atMs) && inStock(market, index, atMs)) shown.push(index)
  for (const index of order)
    if (onSale(market, index, atMs) && !inStock(market, index, atMs)) shown.push(index)
  return shown
}

const scratch = new Float64Array(256)

/** Draws a product from a list as shown; the list may hold 256 at most. */
export function chooseProduct(
  market: Market,
  person: Person,
  errand: Errand,
  shown: readonly number[],
  current: number,
  atMs: number,
  random: Random,
  ledger: Ledger,
): number {
  const length = Math.min(shown.length, scratch.length)
  const lookedAround = errand.seen.size >= 4
  let favourite = -Infinity
  for (const value of errand.seen.values()) if (value > favourite) favourite = value
  let top = -Infinity
  for (let i = 0; i < length; i++) {
    const index = shown[i] ?? 0
    let value = liking(market, person, errand, index, atMs) - POSITION * i
    const seen = errand.seen.get(index)
    if (index === current) value -= 6
    else if (seen !== undefined) value += lookedAround && seen >= favourite ? 1.2 : -1.6
    scratch[i] = value
    if (value > top) top = value
  }
  let total = 0
  for (let i = 0; i < length; i++) total += scratch[i] = Math.exp((scratch[i] ?? 0) - top)
  for (let i = 0; i < length; i++) scratch[i] = (scratch[i] ?? 0) / total
  const weights = scratch.subarray(0, length)
  const chosen = random.weighted(weights)
  recordItem(ledger, weights, length, chosen)
  return shown[chosen] ?? current
}
