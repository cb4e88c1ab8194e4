/**
 * The shop's colours. The name is what the title says and the value is what the picture is filled with: one
 * table for both, so that they cannot disagree. `family` is what a shopper has in mind ("something green").
 */
export type ColourFamily =
  | "light"
  | "earth"
  | "yellow"
  | "pink"
  | "red"
  | "green"
  | "blue"
  | "purple"
  | "dark"

export type Colour = { name: string; hex: string; family: ColourFamily }

export const COLOURS = {
  chalk: { name: "Chalk", hex: "#f2ede3", family: "light" },
  oat: { name: "Oat", hex: "#dfcfb3", family: "light" },
  stone: { name: "Stone Grey", hex: "#b9b3a8", family: "light" },
  sand: { name: "Sand", hex: "#d3b98f", family: "earth" },
  clay: { name: "Clay", hex: "#c08a6a", family: "earth" },
  terracotta: { name: "Terracotta", hex: "#c4643f", family: "earth" },
  rust: { name: "Rust", hex: "#a4472a", family: "earth" },
  cocoa: { name: "Cocoa", hex: "#6d4a3a", family: "earth" },
  butter: { name: "Butter Yellow", hex: "#f0d27c", family: "yellow" },
  mustard: { name: "Mustard", hex: "#d59f2d", family: "yellow" },
  blush: { name: "Blush Pink", hex: "#ebbcb0", family: "pink" },
  rose: { name: "Rose", hex: "#cf7e86", family: "pink" },
  coral: { name: "Coral", hex: "#e8806a", family: "pink" },
  tomato: { name: "Tomato Red", hex: "#c93f32", family: "red" },
  berry: { name: "Berry", hex: "#96304e", family: "red" },
  mint: { name: "Mint", hex: "#bcdcc8", family: "green" },
  sage: { name: "Sage", hex: "#a2b08a", family: "green" },
  moss: { name: "Moss", hex: "#6c7b42", family: "green" },
  forest: { name: "Forest Green", hex: "#2e5443", family: "green" },
  teal: { name: "Teal", hex: "#2b7b7c", family: "blue" },
  sky: { name: "Sky Blue", hex: "#9cc4de", family: "blue" },
  cornflower: { name: "Cornflower", hex: "#6c8fca", family: "blue" },
  denim: { name: "Denim Blue", hex: "#3e628d", family: "blue" },
  navy: { name: "Navy", hex: "#23365b", family: "blue" },
  lilac: { name: "Lilac", hex: "#b8a5d1", family: "purple" },
  plum: { name: "Plum", hex: "#6c3a56", family: "purple" },
  slate: { name: "Slate", hex: "#6c7680", family: "dark" },
  charcoal: { name: "Charcoal", hex: "#3b3e44", family: "dark" },
  ink: { name: "Ink Black", hex: "#232428", family: "dark" },
} as const satisfies Record<string, Colour>

export type ColourId = keyof typeof COLOURS

export const COLOUR_IDS = Object.keys(COLOURS) as ColourId[]

/** A second colour that sits well beside the first: what stripes, dots and bands are drawn in. */
export const ACCENTS: Record<ColourId, readonly ColourId[]> = {
  chalk: ["navy", "terracotta", "sage", "ink", "cornflower"],
  oat: ["rust", "forest", "charcoal", "denim"],
  stone: ["chalk", "charcoal", "rust"],
  sand: ["chalk", "cocoa", "denim"],
  clay: ["chalk", "cocoa", "oat"],
  terracotta: ["chalk", "blush", "cocoa"],
  rust: ["oat", "blush", "sand"],
  cocoa: ["oat", "sand", "blush"],
  butter: ["chalk", "mustard", "cornflower"],
  mustard: ["chalk", "cocoa", "navy"],
  blush: ["chalk", "berry", "terracotta"],
  rose: ["chalk", "berry", "blush"],
  coral: ["chalk", "butter", "berry"],
  tomato: ["chalk", "blush", "navy"],
  berry: ["blush", "chalk", "rose"],
  mint: ["chalk", "forest", "teal"],
  sage: ["chalk", "forest", "oat"],
  moss: ["oat", "butter", "chalk"],
  forest: ["oat", "mint", "mustard"],
  teal: ["chalk", "mint", "mustard"],
  sky: ["chalk", "denim", "navy"],
  cornflower: ["chalk", "navy", "butter"],
  denim: ["chalk", "sky", "oat"],
  navy: ["chalk", "sky", "mustard"],
  lilac: ["chalk", "plum", "butter"],
  plum: ["blush", "lilac", "oat"],
  slate: ["chalk", "sky", "oat"],
  charcoal: ["oat", "chalk", "mustard"],
  ink: ["chalk", "oat", "blush"],
}
