import { KIND_IDS, type KindId } from "../catalogue/kinds.ts"
import type { ColourFamily } from "../catalogue/palette.ts"
import { makeRandom, type Random } from "../random.ts"
import { STYLE_DIMENSIONS } from "./market.ts"

/** A shopper as the generator knows them. None of these values is written to the event file. */
export type Person = {
  index: number
  name: string
  /** Taste over the hidden styles; choices follow its product with a product's style. */
  taste: Float64Array
  /** Where tastes turn to in the drift world. */
  laterTaste: Float64Array
  priceSensitivity: number
  /** Interest in each kind, in the order of KIND_IDS, adding up to 1. */
  interests: Float64Array
  /** Colours of the room they are furnishing. */
  scheme: readonly [ColourFamily, ColourFamily]
  /** Readiness to buy, in logits. */
  resolve: number
  /** Mean days between visits that nothing prompts. */
  gapDays: number
  /** Chance of never coming back after a visit: BG/NBD's dropout, a beta over people. */
  dropout: number
  /** Inclination to sign in when asked. */
  signIn: number
  hasAccount: boolean
  browsers: number
  /** Days until a browser forgets who it is. */
  cookieDays: number
  /** Hours by which this person's day is later than the average. */
  lateness: number
  /** Weights of direct, search, social, ad, email, referral. */
  channels: Float64Array
}

const FAMILIES: readonly ColourFamily[] = [
  "light",
  "earth",
  "yellow",
  "pink",
  "red",
  "green",
  "blue",
  "purple",
  "dark",
]
const FAMILY_WEIGHTS = [1.6, 1.5, 0.9, 1, 0.6, 1.8, 1.7, 0.6, 1.1]
/** Kinds that more people look for. */
const KIND_PULL: Partial<Record<KindId, number>> = {
  mug: 3,
  vase: 2.6,
  "jar-candle": 3.4,
  cushion: 3,
  throw: 1.6,
  plant: 2,
  print: 1.8,
  notebook: 1.5,
  tea: 1.7,
  coffee: 1.8,
  rug: 1.3,
  soap: 1.4,
  "table-lamp": 1.5,
  bolster: 0.4,
  apron: 0.5,
  "oven-glove": 0.4,
  clock: 0.6,
  mirror: 0.7,
  pencils: 0.4,
  cafetiere: 0.6,
  "watering-can": 0.4,
  "storage-jar": 0.5,
  board: 0.6,
  "bath-salts": 0.7,
  pendant: 0.6,
  backpack: 0.6,
}

function beta(random: Random, a: number, b: number): number {
  const x = random.gamma(a, 1)
  return x / (x + random.gamma(b, 1))
}

export function makePerson(seed: number, index: number): Person {
  const random = makeRandom(`person|${seed}|${index}`)
  const vector = () => Float64Array.from({ length: STYLE_DIMENSIONS }, () => random.normal())
  const interests = Float64Array.from(KIND_IDS, (kind) => random.gamma(0.35, 1) * (KIND_PULL[kind] ?? 1))
  const total = interests.reduce((sum, value) => sum + value, 0)
  const hasAccount = random.chance(0.22)
  return {
    index,
    name: `person-${String(index + 1).padStart(5, "0")}`,
    taste: vector(),
    laterTaste: vector(),
    priceSensitivity: 0.9 * Math.exp(0.55 * random.normal()),
    interests: interests.map((value) => value / total),
    scheme: [
      FAMILIES[random.weighted(FAMILY_WEIGHTS)] ?? "light",
      FAMILIES[random.weighted(FAMILY_WEIGHTS)] ?? "light",
    ],
    resolve: 0.75 * random.normal() + (hasAccount ? 0.75 : -0.15),
    gapDays: 3 + random.gamma(1.3, hasAccount ? 12 : 15),
    dropout: hasAccount ? beta(random, 1.1, 6) : beta(random, 1.3, 2.4),
    signIn: hasAccount ? beta(random, 3, 2) : beta(random, 1, 12),
    hasAccount,
    browsers: 1 + (random.chance(0.34) ? 1 : 0) + (random.chance(0.08) ? 1 : 0),
    cookieDays: random.chance(0.3) ? 7 : 60 + random.exponential(200),
    lateness: 1.7 * random.normal(),
    channels: Float64Array.from(
      [1.4, 2.1, 0.8, 0.9, hasAccount ? 1.1 : 0.15, 0.35],
      (weight) => weight * random.gamma(1.6, 1),
    ),
  }
}
