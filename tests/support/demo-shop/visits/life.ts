import type { PlainEvent } from "../../../../app/capture/event.ts"
import type { Person } from "../people/person.ts"
import { hashText, makeRandom, type Random } from "../random.ts"
import type { Errand } from "./choose.ts"

/** One browser of one person: the shop knows it by a visitor id until the cookie is gone. */
export type Browser = { visitor: string; bornMs: number; keepsSignedIn: boolean }

/** What a person carries from visit to visit. */
export type Life = {
  person: Person
  random: Random
  /** The shop's customer id; null until they sign up or order. */
  customer: string | null
  account: boolean
  browsers: Browser[]
  /** All visitor ids ever used, and those of them that a visit ties to the customer. */
  visitors: string[]
  tied: Set<string>
  cart: Map<number, number>
  /** Products marked as favourites. */
  favourites: Set<number>
  errand: Errand | null
  /** Consumables in use and when they run out. */
  larder: { index: number; dueMs: number }[]
  lastBought: number | null
  visits: number
  orders: number
  events: number
  firstSeenMs: number
  lastSeenMs: number
  churnedMs: number | null
  returnedMs: number | null
  emit: (event: PlainEvent) => void
}

function code(text: string): string {
  return hashText(text).toString(36).padStart(7, "0")
}

export function customerId(seed: number, person: Person): string {
  // The index keeps ids apart where two hashes collide.
  return `cust-${code(`customer|${seed}|${person.name}`)}${person.index.toString(36)}`
}

export function newVisitorId(life: Life, seed: number): string {
  const visitor = `anon-${code(`visitor|${seed}|${life.person.name}|${life.visitors.length}`)}${life.person.index.toString(36)}${life.visitors.length.toString(36)}`
  life.visitors.push(visitor)
  return visitor
}

export function beginLife(seed: number, person: Person, emit: (event: PlainEvent) => void): Life {
  return {
    person,
    random: makeRandom(`life|${seed}|${person.index}`),
    customer: null,
    account: person.hasAccount,
    browsers: [],
    visitors: [],
    tied: new Set(),
    cart: new Map(),
    favourites: new Set(),
    errand: null,
    larder: [],
    lastBought: null,
    visits: 0,
    orders: 0,
    events: 0,
    firstSeenMs: 0,
    lastSeenMs: 0,
    churnedMs: null,
    returnedMs: null,
    emit,
  }
}

/** The browser that this visit uses, with a fresh visitor id where the old one was forgotten. */
export function openBrowser(life: Life, seed: number, atMs: number): Browser {
  const slot = life.random.chance(0.75) ? 0 : life.random.integer(life.person.browsers)
  const known = life.browsers[slot]
  if (known && atMs - known.bornMs < life.person.cookieDays * 86_400_000) return known
  const browser: Browser = { visitor: newVisitorId(life, seed), bornMs: atMs, keepsSignedIn: false }
  life.browsers[Math.min(slot, life.browsers.length)] = browser
  return browser
}
