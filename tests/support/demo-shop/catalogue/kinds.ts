import { CARRY_KINDS } from "./kinds/carry.ts"
import { CLOTH_KINDS } from "./kinds/cloth.ts"
import { CONSUMABLES_KINDS } from "./kinds/consumables.ts"
import { ROOM_KINDS } from "./kinds/room.ts"
import { TABLE_KINDS } from "./kinds/table.ts"
import type { ColourId } from "./palette.ts"

/**
 * What the shop sells. A kind is a drawn product type; its lists name only combinations that a real maker
 * would offer, so that a product put together from them is never nonsense.
 */
export type PatternId =
  | "plain"
  | "speckled"
  | "banded"
  | "dipped"
  | "striped"
  | "dotted"
  | "ribbed"
  | "floral"
  | "checked"
  | "diamond"
  | "leaf"
  | "wave"
  | "herringbone"
  | "bordered"

export const PATTERN_WORDS: Record<PatternId, string> = {
  plain: "",
  speckled: "Speckled",
  banded: "Banded",
  dipped: "Dipped",
  striped: "Striped",
  dotted: "Spotted",
  ribbed: "Ribbed",
  floral: "Floral",
  checked: "Checked",
  diamond: "Diamond",
  leaf: "Leaf Print",
  wave: "Wave Print",
  herringbone: "Herringbone",
  bordered: "Bordered",
}

export type BrandId =
  | "Larkfield"
  | "Tidewater Pottery"
  | "Weald & Weft"
  | "Ember Row"
  | "Oxley Soapworks"
  | "Kettlewick"
  | "Northlight Studio"
  | "Halden Wood"
  | "Paper Heron"
  | "Fernlea Nursery"
  | "Marram Goods"

/** `word` stands in the title; "" where the form goes without saying. */
export type Form = { id: string; word: string }

/** A scent, blend, species or motif: what the product is called by, with the colours that suit it. */
export type Edition = { id: string; name: string; colours: readonly ColourId[] }

export type KindSpec = {
  category: string
  /** As the title has it, and as a shopper types it. */
  noun: string
  searchWord: string
  brands: readonly BrandId[]
  /** Lowest and highest list price, pounds. */
  priceGbp: readonly [number, number]
  /** Products of this kind in the catalogue. */
  count: number
  forms: readonly Form[]
  materials: readonly string[]
  patterns: readonly PatternId[]
  colours: readonly ColourId[]
  editions?: readonly Edition[]
  /** What the colour is the colour of, where it is not the whole product ("Jar", "Pot"). */
  colourNoun?: string
  /** Median days until one unit is used up; absent where nothing is used up. */
  lastsDays?: number
}

export const KINDS = {
  ...TABLE_KINDS,
  ...CONSUMABLES_KINDS,
  ...CLOTH_KINDS,
  ...ROOM_KINDS,
  ...CARRY_KINDS,
} as const satisfies Record<string, KindSpec>

export type KindId = keyof typeof KINDS

export const KIND_IDS = Object.keys(KINDS) as KindId[]

export function kindSpec(kind: KindId): KindSpec {
  return KINDS[kind]
}
