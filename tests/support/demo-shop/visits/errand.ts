import { KIND_IDS, type KindId, kindSpec } from "../catalogue/kinds.ts"
import type { ColourFamily } from "../catalogue/palette.ts"
import { campaignAt, seasonOfKind } from "../people/calendar.ts"
import { COMPLEMENTS, type Market } from "../people/market.ts"
import { type Errand, shelfOf } from "./choose.ts"
import type { Life } from "./life.ts"

/** What a visit is about: a kind of product and a colour, kept over visits until it is settled. */
const FAMILY_WORDS: Record<ColourFamily, string> = {
  light: "white",
  earth: "brown",
  yellow: "yellow",
  pink: "pink",
  red: "red",
  green: "green",
  blue: "blue",
  purple: "purple",
  dark: "black",
}
const ALL_FAMILIES = Object.keys(FAMILY_WORDS) as ColourFamily[]

export function pickKind(market: Market, life: Life, source: string | undefined, atMs: number): KindId {
  const { random, person } = life
  // A furnished corner calls for the next thing: what was bought or looked for last leads on.
  const last = life.lastBought === null ? life.errand?.kind : market.kindOf[life.lastBought]
  if (last && random.chance(0.42)) return random.pick(COMPLEMENTS[last])
  const campaign = campaignAt(market.calendar, atMs)
  const weights = KIND_IDS.map((kind, i) => {
    const promoted = campaign && campaign.source === source && campaign.kinds.includes(kind) ? 6 : 1
    return ((person.interests[i] ?? 0) + 0.004) * seasonOfKind(kind, atMs) * promoted
  })
  return KIND_IDS[random.weighted(weights)] ?? "mug"
}

export function newErrand(life: Life, kind: KindId): Errand {
  const { random, person } = life
  const family = random.chance(0.66) ? random.pick(person.scheme) : random.pick(ALL_FAMILIES)
  return { kind, family, seen: new Map(), visits: 0 }
}

export type Page = { query: string; shown: number[] }

/** A collection page: the errand's kind, or the whole category around it. */
export function collectionPage(market: Market, life: Life, kind: KindId, atMs: number): Page {
  const category = kindSpec(kind).category
  const kinds = market.byCategory.get(category) ?? [kind]
  if (kinds.length > 1 && life.random.chance(0.4))
    return { query: category, shown: shelfOf(market, kinds, atMs) }
  return { query: `${category} > ${kindSpec(kind).noun}`, shown: shelfOf(market, [kind], atMs) }
}

/** A search for the kind, often with the colour in mind: matching colours first, then the rest. */
export function searchPage(market: Market, life: Life, errand: Errand, atMs: number): Page {
  const word = kindSpec(errand.kind).searchWord
  const all = shelfOf(market, [errand.kind], atMs)
  if (life.random.chance(0.45)) return { query: word, shown: all }
  const matches = all.filter((index) => market.familyOf[index] === errand.family)
  return {
    query: `${FAMILY_WORDS[errand.family]} ${word}`,
    shown: [...matches, ...all.filter((index) => market.familyOf[index] !== errand.family)].slice(
      0,
      Math.max(6, matches.length),
    ),
  }
}

/** The front page: what the shop features this week, over all kinds. */
export function homePage(market: Market, atMs: number): number[] {
  const campaign = campaignAt(market.calendar, atMs)
  const kinds = campaign
    ? campaign.kinds
    : KIND_IDS.filter(
        (kind) => seasonOfKind(kind, atMs) >= 1.15 || kind === "mug" || kind === "vase" || kind === "cushion",
      )
  return shelfOf(market, kinds, atMs).slice(0, 16)
}
