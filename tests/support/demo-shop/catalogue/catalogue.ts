import { makeRandom, type Random } from "../random.ts"
import { productDescription, productTitle } from "./copy.ts"
import { type BrandId, KIND_IDS, type KindId, kindSpec } from "./kinds.ts"
import { ACCENTS } from "./palette.ts"
import type { DemoProduct, Look } from "./product.ts"

export const SHOP_NAME = "Larkfield Home"
export const CURRENCY = "GBP"

const DAY_MS = 86_400_000
const LATE_LAUNCH_SHARE = 0.05 // enough products for a cold-start test, few enough to leave the rest alone
const SOLD_OUT_SHARE = 0.04

export type CatalogueOptions = { seed: number; startMs: number; endMs: number }

function drawLook(kind: KindId, random: Random): Look {
  const spec = kindSpec(kind)
  const edition = spec.editions ? random.pick(spec.editions) : undefined
  const colour = random.pick(edition?.colours ?? spec.colours)
  const form = random.pick(spec.forms).id
  // A spiral cannot bind a linen spine.
  const material = kind === "notebook" && form === "spiral" ? "Recycled Paper" : random.pick(spec.materials)
  return {
    kind,
    form,
    pattern: random.chance(0.25) && spec.patterns.includes("plain") ? "plain" : random.pick(spec.patterns),
    colour,
    accent: random.pick(ACCENTS[colour]),
    material,
    edition: edition?.id ?? "",
  }
}

/** £9.00, £9.50 or £9.95: endings that a shop of this sort uses. */
function listPriceCents(range: readonly [number, number], random: Random): number {
  const [low, high] = range
  const pounds = Math.exp(random.between(Math.log(low), Math.log(high)))
  const whole = pounds >= 60 ? Math.round(pounds / 5) * 5 : Math.round(pounds)
  const ending = pounds >= 60 ? 0 : random.pick([0, 0, 50, 50, -5])
  return Math.max(250, whole * 100 + ending)
}

/** The whole catalogue. No two products share a title or the set of attributes that their pictures come from. */
export function makeCatalogue(options: CatalogueOptions): DemoProduct[] {
  const { seed, startMs, endMs } = options
  const products: DemoProduct[] = []
  const titles = new Set<string>()
  const pictures = new Set<string>()
  for (const kind of KIND_IDS) {
    const spec = kindSpec(kind)
    const random = makeRandom(`catalogue|${seed}|${kind}`)
    const prefix = kind.replaceAll("-", "").slice(0, 5).toUpperCase()
    for (let made = 0, tries = 0; made < spec.count && tries < spec.count * 60; tries++) {
      const look = drawLook(kind, random)
      const brand: BrandId = random.pick(spec.brands)
      const title = productTitle(look, brand, random)
      const picture = [look.form, look.pattern, look.colour, look.edition].join("|")
      if (titles.has(title) || pictures.has(`${kind}|${picture}`)) continue
      titles.add(title)
      pictures.add(`${kind}|${picture}`)
      made++
      const item = `${prefix}-${String(made).padStart(3, "0")}`
      const late = random.chance(LATE_LAUNCH_SHARE)
      const soldOut = !late && random.chance(SOLD_OUT_SHARE)
      const spanMs = endMs - startMs
      products.push({
        item,
        title,
        description: productDescription(look, brand, random),
        category: spec.category,
        brand,
        priceCents: listPriceCents(spec.priceGbp, random),
        currency: CURRENCY,
        image: `images/${item}.svg`,
        available: !soldOut,
        kind,
        look,
        // The last tenth to quarter of the period: new enough to be cold, early enough to have some buyers.
        launchMs: late ? Math.floor((endMs - spanMs * random.between(0.04, 0.2)) / DAY_MS) * DAY_MS : startMs,
        soldOutMs: soldOut ? Math.floor(startMs + spanMs * random.between(0.45, 0.97)) : null,
      })
    }
  }
  return products
}
