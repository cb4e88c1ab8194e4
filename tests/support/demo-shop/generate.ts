import type { PlainEvent } from "../../../app/capture/event.ts"
import { makeCatalogue, SHOP_NAME } from "./catalogue/catalogue.ts"
import type { DemoProduct } from "./catalogue/product.ts"
import { DAY_MS, makeCalendar } from "./people/calendar.ts"
import { makeMarket, type WorldName } from "./people/market.ts"
import { makeTruth, type Truth, type TruthPerson, truthPerson } from "./truth.ts"
import { type Bot, simulateBot } from "./visits/bots.ts"
import { deliver } from "./visits/deliver.ts"
import { simulatePerson } from "./visits/history.ts"
import { makeLedger } from "./visits/ledger.ts"

export const DEFAULT_SEED = 20_260_601
export const DEFAULT_SHOPPERS = 9_600
/** Monday 1 June 2026: the 180 days before it hold Christmas, both sales and spring. */
export const DEFAULT_END_MS = Date.UTC(2026, 5, 1)

export type DemoShopOptions = {
  seed?: number
  /** End of the period, exclusive; taken down to midnight UTC. */
  endMs?: number
  shoppers?: number
  days?: number
  world?: WorldName
  bots?: number
  /** Called as people are played: done of total. */
  onProgress?: (done: number, total: number) => void
}

export type DemoShop = {
  name: string
  products: DemoProduct[]
  /** In order of receipt, late and duplicated deliveries included. */
  events: PlainEvent[]
  truth: Truth
}

/** The whole demo shop from a seed: same options, same shop, to the byte. */
export function generateDemoShop(options: DemoShopOptions = {}): DemoShop {
  const { seed = DEFAULT_SEED, shoppers = DEFAULT_SHOPPERS, days = 180, world = "base", onProgress } = options
  const endMs = Math.floor((options.endMs ?? DEFAULT_END_MS) / DAY_MS) * DAY_MS
  const startMs = endMs - days * DAY_MS
  const products = makeCatalogue({ seed, startMs, endMs })
  const market = makeMarket(seed, world, makeCalendar(seed, startMs, days), products)
  const ledger = makeLedger()
  const happened: PlainEvent[] = []
  const emit = (event: PlainEvent) => {
    happened.push(event)
  }
  const people: TruthPerson[] = []
  for (let index = 0; index < shoppers; index++) {
    const life = simulatePerson(market, seed, index, ledger, emit)
    // Somebody whose first visit would fall after the end has not come yet.
    if (life.visits > 0) people.push(truthPerson(life))
    if (index % 100 === 99) onProgress?.(index + 1, shoppers)
  }
  const bots: Bot[] = []
  for (let index = 0; index < (options.bots ?? Math.ceil(shoppers / 280)); index++)
    bots.push(simulateBot(market, seed, index, emit))
  happened.sort((a, b) => a.atMs - b.atMs)
  const delivery = deliver(seed, happened, endMs)
  onProgress?.(shoppers, shoppers)
  const truth = makeTruth({
    shop: SHOP_NAME,
    seed,
    market,
    ledger,
    people,
    bots,
    happened: happened.length,
    lines: delivery.events.length,
    refunds: happened.reduce((count, event) => count + (event.type === "refund" ? 1 : 0), 0),
    duplicateIds: delivery.duplicateIds,
    lateIds: delivery.lateIds,
  })
  return { name: SHOP_NAME, products, events: delivery.events, truth }
}
