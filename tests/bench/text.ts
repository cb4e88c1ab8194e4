/**
 * The static text encoder on one thread: titles a second, half of their words never met before, and whole products a
 * second. `text_vs_calibration` is what a title costs in multiply-adds of the calibration beside it, which holds from
 * machine to machine where titles a second do not.
 */
import { performance } from "node:perf_hooks"
import { productVector } from "../../app/features/product-text.ts"
import { readTextEncoder } from "../../app/features/text-encoder.server.ts"
import type { StaticTextEncoder } from "../../app/features/text-encoder.ts"
import type { Figure } from "./report.ts"
import { figureOf, median, runRounds } from "./rounds.ts"

const TITLES = 20_000
const PRODUCTS = 5_000

const COLOURS = ["red", "Chalk", "navy", "schwarze", "vert", "白い", "OCEAN", "rosé"]
const THINGS = [
  "Stoneware Mug",
  "linen throw",
  "T-LIGHT HOLDER",
  "Kaffeetasse",
  "マグカップ",
  "sac à main",
  "vase",
  "Lampe",
]
const SYLLABLES = ["ba", "le", "ki", "ron", "sta", "mo", "ver", "tin"]

const of = <T>(values: readonly T[], at: number): T => {
  const value = values[at % values.length]
  if (value === undefined) throw new Error("nothing to choose from")
  return value
}

/** A made-up name, another for each n. */
const nameOf = (n: number) => [n, n >> 3, n >> 6, n >> 9, n >> 12].map((part) => of(SYLLABLES, part)).join("")

/** `salt` makes the names of one round new to the encoder's memory. */
const titleOf = (n: number, salt: number) =>
  `${of(COLOURS, n)} ${of(THINGS, n >> 3)} ${nameOf(n + salt)} ${nameOf(3 * n + salt)} ${n % 40} cm`

function titlesASecond(encoder: StaticTextEncoder, salt: number): number {
  const titles = Array.from({ length: TITLES }, (_, n) => titleOf(n, salt))
  const startedMs = performance.now()
  for (const title of titles) encoder.encode(title)
  return (TITLES * 1_000) / (performance.now() - startedMs)
}

function productsASecond(encoder: StaticTextEncoder, salt: number): number {
  const products = Array.from({ length: PRODUCTS }, (_, n) => ({
    title: titleOf(n, salt),
    description: `Holds 350 ml and stacks neatly. ${titleOf(n + 1, salt)}. `.repeat(4),
    category: of(THINGS, n >> 2),
    brand: nameOf(n % 60),
  }))
  const startedMs = performance.now()
  for (const product of products) productVector(encoder, product)
  return (PRODUCTS * 1_000) / (performance.now() - startedMs)
}

export async function measureText(wanted: number, say: (text: string) => void): Promise<Figure[]> {
  const encoder = readTextEncoder()
  let salt = 0
  const next = () => {
    salt += 7_919
    return salt
  }
  const rounds = await runRounds(
    [
      { name: "titles", measure: async () => titlesASecond(encoder, next()) },
      { name: "products", measure: async () => productsASecond(encoder, next()) },
    ],
    wanted,
    (done, kept) => say(`text: round ${done}, ${kept} kept`),
  )
  const calibration = median(rounds.kept.map((round) => round.calibration))
  const titles = figureOf(rounds, (value) => value("titles"))
  return [
    { name: "text_titles", value: titles, unit: "titles/s", target: ">= 20000" },
    {
      name: "text_products",
      value: figureOf(rounds, (value) => value("products")),
      unit: "products/s",
      target: null,
    },
    {
      name: "text_vs_calibration",
      value: (calibration * 1e6) / titles,
      unit: "multiply-adds a title",
      target: null,
    },
    { name: "text_rounds_dropped", value: rounds.dropped, unit: `of ${rounds.all}`, target: null },
  ]
}
