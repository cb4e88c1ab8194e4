import { describe, expect, it } from "vitest"
import { makeCatalogue } from "../catalogue/catalogue.ts"
import { namesAccent, productDescription } from "../catalogue/copy.ts"
import { kindSpec } from "../catalogue/kinds.ts"
import { COLOURS } from "../catalogue/palette.ts"
import { makeRandom } from "../random.ts"
import { productImage } from "./image.ts"

const products = makeCatalogue({ seed: 3, startMs: Date.UTC(2026, 0, 1), endMs: Date.UTC(2026, 5, 1) })
const pictures = products.map((product) => ({ product, svg: productImage(product) }))

/** The drawing alone: without its label and the names of its definitions. */
function drawing(svg: string, item: string): string {
  return svg.replace(/aria-label="[^"]*"/, "").replaceAll(item.toLowerCase().replace("-", ""), "")
}

describe("product pictures", () => {
  it("are the same for the same product", () => {
    for (const { product, svg } of pictures.slice(0, 40)) expect(productImage(product)).toBe(svg)
  })

  it("are all different drawings", () => {
    expect(new Set(pictures.map(({ product, svg }) => drawing(svg, product.item))).size).toBe(products.length)
  })

  it("differ in form, pattern, colour or motif within a kind, so no two look alike", () => {
    const looks = products.map(({ look }) =>
      [look.kind, look.form, look.pattern, look.colour, look.edition].join("|"),
    )
    expect(new Set(looks).size).toBe(products.length)
  })

  it("are filled with the colours that their titles name", () => {
    for (const { product, svg } of pictures) {
      const colour = COLOURS[product.look.colour]
      expect(product.title).toContain(colour.name)
      expect(svg, product.title).toContain(`fill="${colour.hex}"`)
      if (namesAccent(product.look)) {
        expect(product.title).toContain(COLOURS[product.look.accent].name)
        expect(svg, product.title).toContain(COLOURS[product.look.accent].hex)
      }
    }
  })

  it("show the kind that the title names", () => {
    for (const product of products) {
      const spec = kindSpec(product.kind)
      const edition = spec.editions?.find((entry) => entry.id === product.look.edition)
      expect(product.title).toContain(product.kind === "plant" ? (edition?.name ?? "?") : spec.noun)
    }
    expect(new Set(products.map((product) => product.kind)).size).toBeGreaterThanOrEqual(20)
  })

  it("are well-formed, and their definitions do not clash on one page", () => {
    const ids = new Set<string>()
    for (const { product, svg } of pictures) {
      const open: string[] = []
      for (const [, close, name, self] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g)) {
        if (close) expect(open.pop(), product.title).toBe(name)
        else if (!self && name) open.push(name)
      }
      expect(open).toEqual([])
      expect(svg).not.toMatch(/NaN|undefined|Infinity/)
      for (const [, id] of svg.matchAll(/ id="([^"]+)"/g)) {
        expect(ids.has(id ?? "")).toBe(false)
        ids.add(id ?? "")
      }
      for (const [, id] of svg.matchAll(/url\(#([^)]+)\)/g))
        expect(ids.has(id ?? ""), `${product.title}: ${id}`).toBe(true)
    }
  })
})

describe("titles and descriptions", () => {
  it("give every product a title of its own", () => {
    expect(new Set(products.map((product) => product.title)).size).toBe(products.length)
  })

  it("leave no blank unfilled and no article before the wrong sound", () => {
    for (const product of products) {
      const text = `${product.title}. ${productDescription(product.look, product.brand, makeRandom(product.item))} ${product.description}`
      expect(text).not.toMatch(/[{}]|undefined| {2}|\.\.|\ba [aeio][a-z]|\ban [^aeiouh]/i)
    }
  })
})
