import { KIND_IDS, type KindId, kindSpec } from "../catalogue/kinds.ts"
import { COLOURS, type ColourFamily } from "../catalogue/palette.ts"
import type { DemoProduct } from "../catalogue/product.ts"
import { makeRandom } from "../random.ts"
import { type Calendar, DAY_MS } from "./calendar.ts"

/**
 * The hidden side of the catalogue. A product's style is a vector that only partly follows from what its row
 * says (maker, colour family, pattern): the rest is its own and stands in no attribute. Its pull also drifts
 * from week to week, and the order in which a list shows it is the shop's affair.
 */
export const STYLE_DIMENSIONS = 8
export type WorldName = "base" | "drift"

export type Market = {
  world: WorldName
  calendar: Calendar
  /** From here on the drift world's tastes and habits turn, and its prices have jumped. */
  shockMs: number
  endMs: number
  products: readonly DemoProduct[]
  kindOf: readonly KindId[]
  familyOf: readonly ColourFamily[]
  byKind: Record<KindId, readonly number[]>
  byCategory: ReadonlyMap<string, readonly KindId[]>
  /** (product, dimension), unit variance a dimension. */
  style: Float64Array
  quality: Float64Array
  /** log(price / median price of the kind). */
  relativePrice: Float64Array
  /** (week, product): a pull that comes and goes. */
  trend: Float64Array
  /** (week, product): the shop's own ordering of a list, smaller first. */
  shelf: Float64Array
  /** Orders of lists that have been asked for, by week and kinds. */
  shelfOrders: Map<string, number[]>
  /** Products nearest in hidden style, other kinds only: what "goes well with this" shows. */
  companions: readonly (readonly number[])[]
  shockedKinds: ReadonlySet<KindId>
}

/** What people buy next to a kind. */
export const COMPLEMENTS: Record<KindId, readonly KindId[]> = {
  mug: ["tea", "coffee", "teapot", "espresso-cup"],
  "espresso-cup": ["coffee", "cafetiere", "mug"],
  plate: ["bowl", "tea-towel", "jug"],
  bowl: ["plate", "mug", "storage-jar"],
  teapot: ["tea", "mug", "tea-towel"],
  cafetiere: ["coffee", "mug", "espresso-cup"],
  jug: ["vase", "bowl", "plate"],
  vase: ["vase", "dinner-candles", "card"],
  "jar-candle": ["diffuser", "bath-salts", "dinner-candles"],
  "dinner-candles": ["vase", "plate", "jar-candle"],
  diffuser: ["jar-candle", "hand-wash", "soap"],
  soap: ["hand-wash", "towel", "bath-salts"],
  "hand-wash": ["soap", "towel", "diffuser"],
  "bath-salts": ["jar-candle", "towel", "soap"],
  tea: ["teapot", "mug", "tea"],
  coffee: ["cafetiere", "espresso-cup", "coffee"],
  cushion: ["throw", "cushion", "rug"],
  bolster: ["cushion", "throw"],
  throw: ["cushion", "jar-candle", "basket"],
  rug: ["cushion", "basket", "table-lamp"],
  towel: ["soap", "hand-wash", "towel"],
  "tea-towel": ["apron", "oven-glove", "board"],
  apron: ["oven-glove", "tea-towel", "board"],
  "oven-glove": ["apron", "tea-towel"],
  "table-lamp": ["rug", "mirror", "cushion"],
  pendant: ["table-lamp", "rug", "clock"],
  clock: ["print", "mirror"],
  mirror: ["table-lamp", "print", "vase"],
  print: ["print", "mirror", "plant"],
  plant: ["pot", "watering-can", "plant"],
  pot: ["plant", "watering-can", "pot"],
  "watering-can": ["plant", "pot"],
  basket: ["throw", "plant", "storage-jar"],
  "storage-jar": ["coffee", "tea", "board"],
  board: ["tea-towel", "apron", "bowl"],
  tote: ["backpack", "notebook", "tote"],
  backpack: ["tote", "notebook"],
  notebook: ["pencils", "card", "notebook"],
  pencils: ["notebook", "card"],
  card: ["card", "jar-candle", "print"],
}

const OWN_STYLE = 0.78 // share of the standard deviation that no attribute explains

function stylesOf(seed: number, products: readonly DemoProduct[]): Float64Array {
  const anchors = new Map<string, number[]>()
  const anchor = (key: string) => {
    let values = anchors.get(key)
    if (!values) {
      const random = makeRandom(`anchor|${seed}|${key}`)
      values = Array.from({ length: STYLE_DIMENSIONS }, () => random.normal())
      anchors.set(key, values)
    }
    return values
  }
  const style = new Float64Array(products.length * STYLE_DIMENSIONS)
  for (const [index, product] of products.entries()) {
    const random = makeRandom(`style|${seed}|${product.item}`)
    const shared = [
      anchor(product.brand),
      anchor(COLOURS[product.look.colour].family),
      anchor(product.look.pattern),
    ]
    for (let d = 0; d < STYLE_DIMENSIONS; d++) {
      const explained = shared.reduce((sum, values) => sum + (values[d] ?? 0), 0) / Math.sqrt(shared.length)
      style[index * STYLE_DIMENSIONS + d] =
        OWN_STYLE * random.normal() + Math.sqrt(1 - OWN_STYLE ** 2) * explained
    }
  }
  return style
}

/** Weekly values of a product, an autoregression so that a fashion lasts some weeks. */
function weekly(
  seed: number,
  name: string,
  products: readonly DemoProduct[],
  weeks: number,
  keep: number,
  scale: number,
): Float64Array {
  const values = new Float64Array(weeks * products.length)
  for (const [index, product] of products.entries()) {
    const random = makeRandom(`${name}|${seed}|${product.item}`)
    let value = scale * random.normal()
    for (let week = 0; week < weeks; week++) {
      values[week * products.length + index] = value
      value = keep * value + Math.sqrt(1 - keep * keep) * scale * random.normal()
    }
  }
  return values
}

function companionsOf(products: readonly DemoProduct[], style: Float64Array): number[][] {
  return products.map((product, index) => {
    const scored: { other: number; score: number }[] = []
    for (const [other, candidate] of products.entries()) {
      if (candidate.kind === product.kind) continue
      let score = COMPLEMENTS[product.kind].includes(candidate.kind) ? 3 : 0
      for (let d = 0; d < STYLE_DIMENSIONS; d++)
        score += (style[index * STYLE_DIMENSIONS + d] ?? 0) * (style[other * STYLE_DIMENSIONS + d] ?? 0)
      scored.push({ other, score })
    }
    scored.sort((a, b) => b.score - a.score || a.other - b.other)
    return scored.slice(0, 8).map((entry) => entry.other)
  })
}

export function makeMarket(
  seed: number,
  world: WorldName,
  calendar: Calendar,
  products: readonly DemoProduct[],
): Market {
  const byKind = Object.fromEntries(KIND_IDS.map((kind) => [kind, [] as number[]])) as Record<
    KindId,
    number[]
  >
  for (const [index, product] of products.entries()) byKind[product.kind].push(index)
  const byCategory = new Map<string, KindId[]>()
  for (const kind of KIND_IDS)
    byCategory.set(kindSpec(kind).category, [...(byCategory.get(kindSpec(kind).category) ?? []), kind])

  const relativePrice = new Float64Array(products.length)
  for (const kind of KIND_IDS) {
    const prices = byKind[kind].map((index) => products[index]?.priceCents ?? 1).sort((a, b) => a - b)
    const median = prices[Math.floor(prices.length / 2)] ?? 1
    for (const index of byKind[kind])
      relativePrice[index] = Math.log((products[index]?.priceCents ?? median) / median)
  }
  const weeks = Math.ceil(calendar.days / 7) + 1
  const style = stylesOf(seed, products)
  const quality = Float64Array.from(products, (product) =>
    makeRandom(`quality|${seed}|${product.item}`).normal(),
  )
  const shelfNoise = weekly(seed, "shelf", products, weeks, 0.6, 1)
  const shock = makeRandom(`shock|${seed}`)
  return {
    world,
    calendar,
    shockMs: calendar.startMs + Math.floor(calendar.days / 2) * DAY_MS,
    endMs: calendar.startMs + calendar.days * DAY_MS,
    products,
    kindOf: products.map((product) => product.kind),
    familyOf: products.map((product) => COLOURS[product.look.colour].family),
    byKind,
    byCategory,
    style,
    quality,
    relativePrice,
    trend: weekly(seed, "trend", products, weeks, 0.85, 0.45),
    // The merchant puts what sells first, but not strictly.
    shelf: shelfNoise.map((noise, at) => noise - 1.3 * (quality[at % products.length] ?? 0)),
    shelfOrders: new Map(),
    companions: companionsOf(products, style),
    shockedKinds: new Set(KIND_IDS.filter(() => shock.chance(0.5))),
  }
}

const PRICE_SHOCK = 1.3
const SALE_PRICE = 0.8

/** What the product costs at this moment, in cents: list price, sale, and the drift world's shock. */
export function priceCentsAt(market: Market, index: number, atMs: number): number {
  const product = market.products[index]
  if (!product)
    throw new RangeError(
      `priceCentsAt: expected a product index below ${market.products.length}, got ${index}`,
    )
  let price = product.priceCents
  if (market.world === "drift" && atMs >= market.shockMs && market.shockedKinds.has(product.kind))
    price *= PRICE_SHOCK
  for (const campaign of market.calendar.campaigns) {
    if (
      campaign.sale &&
      atMs >= campaign.fromMs &&
      atMs < campaign.toMs &&
      campaign.kinds.includes(product.kind)
    )
      price *= SALE_PRICE
  }
  return price === product.priceCents ? price : Math.round(price / 5) * 5
}

/** Of the whole period. */
const TURN_SHARE = 0.25

/** How far the drift world's people have turned to their later tastes and habits: 0 before the shock, then up to 1. */
export function turnAt(market: Market, atMs: number): number {
  if (market.world !== "drift" || atMs <= market.shockMs) return 0
  return Math.min(1, (atMs - market.shockMs) / (TURN_SHARE * (market.endMs - market.calendar.startMs)))
}

export function weekOf(market: Market, atMs: number): number {
  return Math.max(0, Math.floor((atMs - market.calendar.startMs) / (7 * DAY_MS)))
}

export function onSale(market: Market, index: number, atMs: number): boolean {
  return (market.products[index]?.launchMs ?? Infinity) <= atMs
}

export function inStock(market: Market, index: number, atMs: number): boolean {
  return atMs < (market.products[index]?.soldOutMs ?? Infinity)
}
