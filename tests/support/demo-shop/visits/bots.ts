import type { PlainEvent } from "../../../../app/capture/event.ts"
import { CURRENCY } from "../catalogue/catalogue.ts"
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../people/calendar.ts"
import { type Market, onSale, priceCentsAt } from "../people/market.ts"
import { hashText, makeRandom, type Random } from "../random.ts"

/**
 * Machines that read the shop. Each kind leaves another trace, and none of them ever orders: a crawler walks
 * the catalogue at an even pace, a price watcher opens the same products every day on the minute, a scraper
 * takes everything in bursts faster than a hand, a monitor asks for the front page round the clock.
 */
export const BOT_KINDS = ["crawler", "price-watcher", "scraper", "monitor"] as const
export type BotKind = (typeof BOT_KINDS)[number]
export type Bot = { visitor: string; kind: BotKind; events: number }

type Writer = (type: PlainEvent["type"], atMs: number, session: string, index?: number) => void

function crawl(market: Market, random: Random, write: Writer): void {
  const paceMs = random.between(4_000, 9_000)
  for (let visit = 0; visit < 2 + random.integer(4); visit++) {
    let atMs = market.calendar.startMs + random.between(0, market.calendar.days - 1) * DAY_MS
    const from = random.integer(market.products.length)
    const pages = 90 + random.integer(220)
    for (let page = 0; page < pages; page++) {
      const index = (from + page) % market.products.length
      if (page % 12 === 0) write("collection_view", atMs, `${visit}`)
      else if (onSale(market, index, atMs)) write("product_view", atMs, `${visit}`, index)
      atMs += paceMs + random.between(-200, 200)
    }
  }
}

function watchPrices(market: Market, random: Random, write: Writer): void {
  const watched = random.shuffle([...market.products.keys()]).slice(0, 8 + random.integer(14))
  const minuteOfDay = random.integer(24 * 60)
  const every = random.pick([1, 1, 2])
  for (let day = random.integer(60); day < market.calendar.days - 1; day += every) {
    let atMs = market.calendar.startMs + day * DAY_MS + minuteOfDay * MINUTE_MS
    for (const index of watched) {
      if (onSale(market, index, atMs)) write("product_view", atMs, `${day}`, index)
      atMs += 2_000 + random.integer(60)
    }
  }
}

function scrape(market: Market, random: Random, write: Writer): void {
  for (let burst = 0; burst < 1 + random.integer(3); burst++) {
    let atMs = market.calendar.startMs + random.between(0, market.calendar.days - 1) * DAY_MS
    for (const index of random.shuffle([...market.products.keys()]).slice(0, 150 + random.integer(350))) {
      if (onSale(market, index, atMs)) write("product_view", atMs, `${burst}`, index)
      atMs += 250 + random.integer(700)
    }
  }
}

function monitor(market: Market, random: Random, write: Writer): void {
  const fromDay = random.integer(market.calendar.days - 12)
  const days = 4 + random.integer(8)
  const everyMs = random.pick([10, 15, 20]) * MINUTE_MS
  for (
    let atMs = market.calendar.startMs + fromDay * DAY_MS, i = 0;
    i < (days * 24 * HOUR_MS) / everyMs;
    i++, atMs += everyMs
  )
    write("page_view", atMs, "0")
}

const PLAY: Record<BotKind, (market: Market, random: Random, write: Writer) => void> = {
  crawler: crawl,
  "price-watcher": watchPrices,
  scraper: scrape,
  monitor,
}

export function simulateBot(
  market: Market,
  seed: number,
  index: number,
  emit: (event: PlainEvent) => void,
): Bot {
  const random = makeRandom(`bot|${seed}|${index}`)
  const kind = BOT_KINDS[index % BOT_KINDS.length] ?? "crawler"
  const visitor = `anon-${hashText(`bot|${seed}|${index}`).toString(36).padStart(7, "0")}b${index.toString(36)}`
  const bot: Bot = { visitor, kind, events: 0 }
  PLAY[kind](market, random, (type, wishMs, session, product) => {
    const atMs = Math.round(wishMs)
    if (atMs >= market.endMs) return
    const event: PlainEvent = { shopper: visitor, type, atMs, session: `b${index.toString(36)}-${session}` }
    const shown = product === undefined ? undefined : market.products[product]
    if (shown && product !== undefined)
      Object.assign(event, {
        item: shown.item,
        priceCents: priceCentsAt(market, product, atMs),
        currency: CURRENCY,
      })
    event.id = `b${index.toString(36)}-${(bot.events++).toString(36)}`
    emit(event)
  })
  return bot
}
