import { Buffer } from "node:buffer"
import type { PlainEvent, PlainItem } from "../capture/event.ts"
import type { PersonEvent } from "./baskets.ts"
import type { CatalogueItem } from "./catalogue.ts"
import { openLogJoins } from "./log-joins.ts"

/** A log in memory, as rows are made of it: shoppers in the order of their first line, no name kept. */
export type PlainLog = {
  shoppers: PersonEvent[][]
  /** Those of the items file first, then those that events alone name: these have a name and nothing else. */
  items: CatalogueItem[]
  /** Items that have a line in the items file. */
  describedItems: number
  /** Events of a currency, for those that name one. */
  currencies: ReadonlyMap<string, number>
  /** Lines left out because an event with their id is there already. */
  repeatedIds: number
  /** Shoppers without a name who were met with one known person and count as that one. */
  joinedShoppers: number
}

export type PlainLogBuilder = {
  addItem(item: PlainItem): void
  addEvent(event: PlainEvent): void
  log(): PlainLog
}

/**
 * Gathers a log. An event's identity is its id, so of several with one id the earliest stays; without ids, identical
 * lines are repeats that happened, and all of them stay. Shoppers who are one person are joined: all as a shop has it.
 */
export function plainLogBuilder(): PlainLogBuilder {
  const shoppers: PersonEvent[][] = []
  const items: CatalogueItem[] = []
  const numberOfShopper = new Map<string, number>()
  const numberOfItem = new Map<string, number>()
  const byId = new Map<string, { event: PersonEvent; shopper: number }>()
  const texts = new Map<string, string>()
  const currencies = new Map<string, number>()
  const joins = openLogJoins()
  let describedItems = 0
  let repeatedIds = 0

  const shopperOf = (name: string): number => {
    const known = numberOfShopper.get(name)
    if (known !== undefined) return known
    numberOfShopper.set(ownCopy(name), shoppers.length)
    return shoppers.push([]) - 1
  }
  const itemOf = (name: string): number => {
    const known = numberOfItem.get(name)
    if (known !== undefined) return known
    const externalId = ownCopy(name)
    const productId = items.length + 1
    numberOfItem.set(externalId, productId)
    items.push({
      productId,
      externalId,
      title: "",
      description: "",
      category: "",
      brand: "",
      priceCents: null,
      available: true,
    })
    return productId
  }
  const textOf = (text: string | undefined): string | null => {
    if (text === undefined) return null
    const known = texts.get(text)
    if (known !== undefined) return known
    const copy = ownCopy(text)
    texts.set(copy, copy)
    return copy
  }

  return {
    addItem(item) {
      const number = itemOf(item.item)
      const known = items[number - 1]
      if (known === undefined) return
      if (known.title === "") describedItems += 1
      // The last value given for each field stands, as in an import.
      items[number - 1] = {
        ...known,
        title: item.title,
        description: item.description ?? known.description,
        category: item.category ?? known.category,
        brand: item.brand ?? known.brand,
        priceCents: item.priceCents ?? known.priceCents,
        available: item.available ?? known.available,
      }
    },
    addEvent(plain) {
      const shopper = shopperOf(plain.shopper)
      const event: PersonEvent = {
        type: plain.type,
        atMs: plain.atMs,
        // Its source knew it at the time.
        receivedMs: plain.atMs,
        productId: plain.item === undefined ? null : itemOf(plain.item),
        priceCents: plain.priceCents ?? null,
        quantity: plain.quantity ?? null,
        source: textOf(plain.source),
        orderRef: textOf(plain.order),
      }
      if (plain.id !== undefined) {
        const known = byId.get(plain.id)
        if (known !== undefined) {
          repeatedIds += 1
          if (known.event.atMs <= event.atMs) return
          shoppers[known.shopper] = (shoppers[known.shopper] ?? []).filter((one) => one !== known.event)
        }
        byId.set(known === undefined ? ownCopy(plain.id) : plain.id, { event, shopper })
      }
      if (plain.currency !== undefined)
        currencies.set(plain.currency, (currencies.get(plain.currency) ?? 0) + 1)
      joins.add(shopper, plain)
      shoppers[shopper]?.push(event)
    },
    log() {
      const targets = joins.targets()
      return {
        shoppers: joined(shoppers, targets).filter((events) => events.length > 0),
        items,
        describedItems,
        currencies,
        repeatedIds,
        joinedShoppers: targets.size,
      }
    },
  }
}

/** Each person's events at the place of the shopper whom the others are joined to, by time where there are others. */
function joined(shoppers: readonly PersonEvent[][], targets: ReadonlyMap<number, number>): PersonEvent[][] {
  const persons = shoppers.map((events, number) => (targets.has(number) ? [] : events))
  const grown = new Set(targets.values())
  for (const [shopper, person] of targets)
    persons[person] = [...(persons[person] ?? []), ...(shoppers[shopper] ?? [])]
  return persons.map((events, number) =>
    grown.has(number) ? events.toSorted((a, b) => a.atMs - b.atMs) : events,
  )
}

/** A slice of a larger text would keep all of that text in memory. */
function ownCopy(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8")
}

/** Times of all events, ascending, epoch ms. */
export function timesOf(log: PlainLog): Float64Array {
  const times = new Float64Array(log.shoppers.reduce((sum, events) => sum + events.length, 0))
  let at = 0
  for (const events of log.shoppers)
    for (const event of events) {
      times[at] = event.atMs
      at += 1
    }
  return times.sort()
}
