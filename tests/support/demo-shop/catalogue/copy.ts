import type { Random } from "../random.ts"
import { type BrandId, kindSpec, PATTERN_WORDS, type PatternId } from "./kinds.ts"
import { COLOURS } from "./palette.ts"
import { CARE, CARE_BY_KIND, OPENINGS } from "./phrases.ts"
import type { Look } from "./product.ts"

type TitleStyle = { place: "before" | "in" | "after"; lines: readonly string[] }

/** Each maker names its things in its own way. */
const TITLE_STYLES: Record<BrandId, TitleStyle> = {
  Larkfield: { place: "before", lines: [] },
  "Tidewater Pottery": { place: "in", lines: [] },
  "Weald & Weft": { place: "after", lines: ["Hollin", "Bracken", "Tarn"] },
  "Ember Row": { place: "in", lines: [] },
  "Oxley Soapworks": { place: "after", lines: [] },
  Kettlewick: { place: "in", lines: [] },
  "Northlight Studio": { place: "in", lines: ["Arlo", "Harbour", "Ines"] },
  "Halden Wood": { place: "in", lines: [] },
  "Paper Heron": { place: "after", lines: [] },
  "Fernlea Nursery": { place: "before", lines: [] },
  "Marram Goods": { place: "after", lines: ["Dune", "Skerry"] },
}

/** Patterns whose second colour is as visible as the first, so the title names both. */
const TWO_COLOUR: readonly PatternId[] = ["striped", "checked", "diamond"]

export function namesAccent(look: Look): boolean {
  return TWO_COLOUR.includes(look.pattern) && kindSpec(look.kind).editions === undefined
}

function join(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== "").join(" ")
}

export function editionName(look: Look): string {
  return kindSpec(look.kind).editions?.find((edition) => edition.id === look.edition)?.name ?? ""
}

/** A brush makes waves on clay, a press on paper and cloth. */
function patternWord(look: Look): string {
  if (look.pattern !== "wave") return PATTERN_WORDS[look.pattern]
  return look.kind === "vase" || look.kind === "jug"
    ? "Wave-Painted"
    : look.kind === "soap"
      ? "Rippled"
      : PATTERN_WORDS.wave
}

/** The title: what it is, in words that the picture bears out. */
export function productTitle(look: Look, brand: BrandId, random: Random): string {
  const spec = kindSpec(look.kind)
  const form = spec.forms.find((candidate) => candidate.id === look.form)?.word ?? ""
  const colour = namesAccent(look)
    ? `${COLOURS[look.colour].name} & ${COLOURS[look.accent].name}`
    : COLOURS[look.colour].name
  const pattern = patternWord(look)

  if (spec.editions) {
    const edition = editionName(look)
    if (look.kind === "plant") return `${edition} in ${colour} Pot`
    if (spec.colourNoun) return `${join(edition, form, spec.noun)}, ${join(pattern, colour, spec.colourNoun)}`
    return `${join(edition, pattern, form, spec.noun)}, ${colour}`
  }
  if (look.pattern === "dipped") return join(`${colour}-Dipped`, look.material, form, spec.noun)
  const style = TITLE_STYLES[brand]
  const name = join(pattern, look.material, form, spec.noun)
  switch (style.place) {
    case "before":
      return join(colour, name)
    case "in":
      return join(style.lines.length > 0 ? random.pick(style.lines) : "", name, "in", colour)
    case "after":
      return `${join(style.lines.length > 0 ? random.pick(style.lines) : "", name)}, ${colour}`
    default:
      return style.place satisfies never
  }
}

const PATTERN_SENTENCES: Record<PatternId, readonly string[]> = {
  plain: [
    "One calm colour, {colour}, from edge to edge.",
    "In {colour}, with nothing to distract from the shape.",
    "A plain finish in {colour} that goes with what you already own.",
  ],
  speckled: [
    "Flecks of iron come through the {colour} glaze, so no two are quite alike.",
    "A fine speckle softens the {colour}.",
  ],
  banded: [
    "A single band runs around it, a small detail against the {colour}.",
    "Finished with one band over {colour}.",
  ],
  dipped: [
    "Dipped by hand in {colour}, with the natural material left bare.",
    "The {colour} stops at a clean line, where the bare material begins.",
  ],
  striped: [
    "Even stripes in {colour} and {accent}.",
    "{Colour} and {accent} stripes, the kind that never date.",
  ],
  dotted: ["Scattered with {accent} spots on {colour}.", "Cheerful {accent} spots on {colour}."],
  ribbed: [
    "Vertical ribs catch the light and deepen the {colour}.",
    "Ribbed all the way round, lovely to hold, in {colour}.",
  ],
  floral: ["Small {accent} flowers scattered over {colour}.", "A meadow of {accent} blooms on {colour}."],
  checked: ["A classic check in {colour} and {accent}.", "Checked in {colour} and {accent}."],
  diamond: ["A diamond repeat in {colour} and {accent}.", "Diamonds in {accent} march across the {colour}."],
  leaf: ["Printed with {accent} leaves on {colour}.", "Sprigs of {accent} leaves over {colour}."],
  wave: ["Loose {accent} waves over {colour}.", "A rolling wave line in {accent} on {colour}."],
  herringbone: [
    "Woven in a fine herringbone that gives the {colour} some depth.",
    "A tailor's herringbone in {colour}.",
  ],
  bordered: ["Edged in {accent}.", "{Colour} with a neat border in {accent}."],
}

/** Two to four short sentences, as a shop's own writer would put them. */
export function productDescription(look: Look, brand: BrandId, random: Random): string {
  const spec = kindSpec(look.kind)
  const colour = COLOURS[look.colour].name.toLowerCase()
  const accent = COLOURS[look.accent].name.toLowerCase()
  const fill = (text: string) =>
    text
      .replaceAll("{colour}", colour)
      .replaceAll("{Colour}", COLOURS[look.colour].name)
      .replaceAll("{accent}", accent)
      .replaceAll("{material}", look.material.toLowerCase())
      .replaceAll("{edition}", editionName(look))
      .replaceAll("{brand}", brand)
      .replace(/\b([Aa]) (?=[aei]|o(?!ne))/g, "$1n ")
  const sentences = [random.pick(OPENINGS[look.kind])]
  if (spec.editions === undefined) sentences.push(random.pick(PATTERN_SENTENCES[look.pattern]))
  else if (spec.colourNoun)
    sentences.push(
      `Comes in a ${join(patternWord(look).toLowerCase(), colour, spec.colourNoun.toLowerCase())}.`,
    )
  const care = CARE_BY_KIND[look.kind] ?? CARE[spec.category]
  if (care) sentences.push(random.pick(care))
  return sentences.map(fill).join(" ")
}
