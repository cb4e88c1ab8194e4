import fc from "fast-check"
import { expect, test } from "vitest"
import type { EventType } from "../../app/capture/event.ts"
import { ensureShop } from "../../app/db.server.ts"
import { recountJourneyMap } from "../../app/journey/recount-journey-map.server.ts"
import { updateJourneys } from "../../app/journey/update-journeys.server.ts"
import { testDatabase } from "../support/database.ts"
import { type EventRow, insertEvents, makeShoppers } from "./event-rows.ts"
import { expectedTables } from "./journey-oracle.ts"
import { storedTables } from "./journey-tables.ts"

testDatabase()

const START = Date.UTC(2026, 3, 29)
const AS_OF = new Date(Date.UTC(2026, 7, 1))
const FIT = { r: 0.24, alpha: 30, a: 0.8, b: 2.4 }
const SHOPPERS = 6
const DAY_MS = 86_400_000

/** The first only looks, so that a crawl of theirs makes a bot; the last three alone are named, so that others can be joined to them, or not. */
const lookingTypes: EventType[] = ["page_view", "product_view"]
const anonymousTypes: EventType[] = [
  "page_view",
  "product_view",
  "search",
  "cart_add",
  "checkout_start",
  "refund",
]
const knownTypes: EventType[] = [...anonymousTypes, "login", "checkout_contact", "purchase", "purchase"]

const typesOf = (shopper: number) =>
  shopper === 0 ? lookingTypes : shopper < SHOPPERS / 2 ? anonymousTypes : knownTypes

const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`

// A few dense hours, weeks apart: visits run together, or not, with each event.
const time = fc
  .tuple(fc.constantFrom(0, 1, 20, 60), fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 59_999 }))
  .map(([day, minute, ms]) => START + day * DAY_MS + minute * 60_000 + ms)

const event = fc.integer({ min: 0, max: SHOPPERS - 1 }).chain((shopper) =>
  fc.record({
    shopper: fc.constant(shopper),
    type: fc.constantFrom(...typesOf(shopper)),
    atMs: time,
    product: fc.option(fc.integer({ min: 1, max: 9 })),
    priceCents: fc.option(fc.integer({ min: 0, max: 99_999 })),
    session: fc.option(fc.integer({ min: 1, max: 7 }).map(uuid), { freq: 3 }),
    order: fc.option(fc.constantFrom("A1", "A2", "A3"), { freq: 2 }),
    source: fc.option(fc.constantFrom("ad:spring", "ad:sale", "email")),
  }),
)

/** 25 products, a second each: a crawler. */
const crawl = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.constantFrom(0, 20)).map(([shopper, day]) =>
  Array.from({ length: 25 }, (_, index) => ({
    shopper,
    type: "product_view" as const,
    atMs: START + day * DAY_MS + 8 * 3_600_000 + index * 1_000 + (index % 7),
    product: index + 1,
  })),
)

const batch = fc
  .tuple(fc.array(event, { minLength: 1, maxLength: 12 }), fc.option(crawl, { freq: 2 }))
  .map(([events, crawled]) => [...events, ...(crawled ?? [])])

test("whatever the batches and their order, journeys and map equal a count of the events from the beginning", async () => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (batches, fitted) => {
        runs += 1
        const shopId = await ensureShop(`batches-${runs}.myshopify.com`)
        const shoppers = await makeShoppers(shopId, SHOPPERS)
        const bgnbd = fitted ? FIT : null
        const all: EventRow[] = []
        for (const given of batches) {
          const rows = given.map((row) => ({ ...row, shopper: shoppers[row.shopper] ?? "" }))
          all.push(...rows)
          await insertEvents(shopId, rows)
          // Two workers at once.
          const options = { asOf: AS_OF, bgnbd }
          await Promise.all([updateJourneys(shopId, options), updateJourneys(shopId, options)])
        }
        const expected = expectedTables(shoppers, all, AS_OF.getTime(), bgnbd)
        expect(await storedTables(shopId)).toEqual(expected)
        expect(await recountJourneyMap(shopId, { asOf: AS_OF })).toEqual({ wrongEdges: 0 })
        expect(await storedTables(shopId)).toEqual(expected)
      },
    ),
    { numRuns: 25, seed: 7, interruptAfterTimeLimit: 90_000 },
  )
}, 120_000)
