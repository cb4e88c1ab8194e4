import { expect, test } from "vitest"
import { parseProductCsv } from "./product-csv.ts"
import { makeShopState } from "./state.ts"

const csv = `Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Status
jug,Round jug,"<p>Thrown by hand, ""slightly"" uneven.</p>",Otter & Sons,Jugs,"blue, clay",true,Size,Small,JUG-S,shopify,3,deny,24.50,30,https://pictures.test/jug.jpg,active
jug,,,,,,,,Large,JUG-L,shopify,0,continue,31,,,
jug,,,,,,,,,,,,,,,https://pictures.test/jug-2.jpg,
seeds,Mixed seeds,,Otter & Sons,Seeds,,false,Title,Default Title,,,7,deny,3.2,,,draft
`

test("a product has its variants from all its rows, and a row that brings a picture alone is none", () => {
  const [jug] = parseProductCsv(csv)
  expect(jug).toMatchObject({
    handle: "jug",
    title: "Round jug",
    descriptionHtml: '<p>Thrown by hand, "slightly" uneven.</p>',
    productType: "Jugs",
    tags: ["blue", "clay"],
    imageUrl: "https://pictures.test/jug.jpg",
    status: "active",
  })
  expect(jug?.variants).toEqual([
    expect.objectContaining({
      title: "Small",
      sku: "JUG-S",
      priceCents: 2450,
      compareAtCents: 3000,
      available: 3,
    }),
    expect.objectContaining({ title: "Large", priceCents: 3100, inventoryPolicy: "continue", available: 0 }),
  ])
})

test("what is not published is a product without a date, and stock without a tracker is not counted", () => {
  const [, seeds] = parseProductCsv(csv)
  expect(seeds).toMatchObject({ status: "draft", publishedAtMs: null })
  expect(seeds?.variants).toEqual([expect.objectContaining({ tracked: false, priceCents: 320 })])
  expect(seeds?.variants?.[0]).not.toHaveProperty("available")
})

test("a shop takes the products as they are", () => {
  const state = makeShopState({ domain: "csv.myshopify.com", apiKey: "k", apiSecret: "s" })
  const made = parseProductCsv(csv).map((product) => state.createProduct(product))
  expect(made.map(({ handle, variants }) => [handle, variants.length])).toEqual([
    ["jug", 2],
    ["seeds", 1],
  ])
  expect([...state.store.levels.values()].map(({ available }) => available)).toEqual([3, 0])
})

test("a file of another kind is refused with what was expected", () => {
  expect(() => parseProductCsv("a,b\n1,2\n")).toThrow("the columns Handle and Title")
})
