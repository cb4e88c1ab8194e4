import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { themeCheckRun } from "@shopify/theme-check-node"
import { expect, test } from "vitest"
import { extensionFolder, makeBlockRenderer, readBlockSchema } from "./block.ts"

const render = makeBlockRenderer({ locale: "en", currency: "GBP" })
const product = (id: string, over: object = {}) => ({
  id,
  title: `Product ${id}`,
  url: `/products/${id}`,
  price: 1250,
  compare_at_price: 0,
  price_varies: false,
  available: true,
  featured_image: `/images/${id}.svg`,
  ...over,
})
const page = (slate: (object | null)[] | null) => ({
  product: { ...product("page"), metafields: { $app: { recommendations: { value: slate } } } },
  routes: { root_url: "/" },
  localization: { country: { iso_code: "GB" }, language: { iso_code: "en" } },
  cart: { currency: { iso_code: "GBP" } },
})
const shown = (html: string) =>
  [...html.matchAll(/<li class="tl-card" data-product="([^"]+)"/g)].map(([, id]) => id)
const four = ["a", "b", "c", "d"].map((id) => product(id))

test("the block shows the page's slate in its order, as many as the setting says", async () => {
  const html = await render(page([...four, product("e")]))
  expect(shown(html)).toEqual(["a", "b", "c", "d"])
  expect(html).toContain("You may also like")
  expect(html).toContain("£12.50")
  expect(shown(await render(page(four), { count: 2 }))).toEqual(["a", "b"])
})

test("sold out and deleted products and the page's own are skipped, and spares take their place", async () => {
  const slate = [product("a", { available: false }), null, product("page"), ...four.slice(1), product("e")]
  expect(shown(await render(page(slate)))).toEqual(["b", "c", "d", "e"])
})

test.each([
  ["no metafield", null],
  ["an empty slate", []],
  ["a slate of deleted products", [null, null]],
  ["a slate that is sold out", four.map((item) => ({ ...item, available: false }))],
])("%s renders nothing: no heading, no gap", async (_, slate) => {
  expect((await render(page(slate))).trim()).toBe("")
})

test("the merchant's title stands as text, whatever is in it", async () => {
  const html = await render(page(four), { heading: "<img src=x onerror=alert(1)>" })
  expect(html).not.toContain("<img src=x")
  expect(html).toContain("&lt;img src=x")
})

test("a product's title stands as text, whatever is in it", async () => {
  const html = await render(page([product("a", { title: "</a><script>alert(1)</script>" })]))
  expect(html).not.toContain("<script>")
})

test("a reduced price says what it was, and a range says where it begins", async () => {
  const reduced = await render(page([product("a", { compare_at_price: 2000 })]))
  expect(reduced).toMatch(/Regular price<\/span>\s*<s class="tl-card__was">£20\.00<\/s>\s*£12\.50/)
  const range = await render(page([product("a", { price_varies: true, price_min: 900 })]))
  expect(range).toContain("From £9.00")
})

test("the block speaks Chinese where the page does", async () => {
  const html = await makeBlockRenderer({ locale: "zh-CN", currency: "CNY" })(page(four))
  expect(html).toContain("猜你喜欢")
  expect(html).toContain("¥12.50")
})

test("English and Chinese have the same texts, with the same places to fill", () => {
  for (const [from, to] of [
    ["en.default.json", "zh-CN.json"],
    ["en.default.schema.json", "zh-CN.schema.json"],
  ] as const)
    expect(places(readJson("locales", to))).toEqual(places(readJson("locales", from)))
})

test("theme check finds nothing", async () => {
  const { offenses } = await themeCheckRun(extensionFolder, "theme-check:theme-app-extension")
  expect(offenses.map(({ check, message, uri }) => ({ check, message, uri }))).toEqual([])
})

test("the settings are what the theme editor takes", async () => {
  const { settings, ...rest } = readBlockSchema()
  expect(await jsonSchemaErrors("settings.json", settings)).toEqual([])
  expect(rest).toEqual({
    name: "t:recommendations.name",
    target: "section",
    enabled_on: { templates: ["product"] },
    stylesheet: "journey-blocks.css",
    javascript: "journey-blocks.js",
  })
  // The editor cuts a block's name at 25 characters, in every language.
  for (const file of ["en.default.schema.json", "zh-CN.schema.json"])
    expect(String(readJson("locales", file).recommendations?.name).length).toBeLessThanOrEqual(25)
})

test("a setting that the theme editor would refuse is found", async () => {
  const wrong = [{ type: "range", id: "count", label: "Count", min: 2, max: 12, step: 1 }]
  expect(await jsonSchemaErrors("settings.json", wrong)).not.toEqual([])
})

test("every text of the schema is there", () => {
  const texts = readJson("locales", "en.default.schema.json")
  const keys = JSON.stringify(readBlockSchema()).match(/(?<="t:)[^"]+/g) ?? []
  expect(keys.length).toBeGreaterThan(8)
  for (const key of keys) expect(at(texts, key), key).toEqual(expect.any(String))
})

test("the script is at most 10 KB compressed and brings nothing with it", () => {
  const script = readFileSync(join(extensionFolder, "assets", "journey-blocks.js"))
  expect(gzipSync(script).byteLength).toBeLessThanOrEqual(10_000)
  expect(script.toString()).not.toMatch(/\bimport\b|https?:\/\/|eval\(|innerHTML/)
})

type Texts = { [key: string]: Texts | string }

function readJson(...path: string[]): { [key: string]: Texts } {
  return JSON.parse(readFileSync(join(extensionFolder, ...path), "utf8"))
}

function places(texts: Texts, prefix = ""): string[] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string"
      ? [`${prefix}${key} ${(value.match(/\{\{[^}]*\}\}/g) ?? []).sort().join()}`]
      : places(value, `${prefix}${key}.`),
  )
}

function at(texts: Texts | string | undefined, path: string): unknown {
  return path
    .split(".")
    .reduce<Texts | string | undefined>(
      (part, key) => (typeof part === "object" ? part[key] : undefined),
      texts,
    )
}

/** What a JSON schema that theme check ships says of a value. */
async function jsonSchemaErrors(name: string, value: unknown): Promise<string[]> {
  const require = createRequire(import.meta.url)
  const data = join(require.resolve("@shopify/theme-check-docs-updater/package.json"), "..", "data")
  const { getLanguageService, TextDocument } = await import("vscode-json-languageservice")
  const service = getLanguageService({
    workspaceContext: { resolveRelativePath: (path, base) => new URL(path, base).href },
    schemaRequestService: async (uri) => readFileSync(join(data, new URL(uri).pathname), "utf8"),
  })
  const text = JSON.stringify(value)
  const document = TextDocument.create("block.json", "json", 0, text)
  service.configure({ schemas: [{ uri: `schema:/${name}`, fileMatch: ["*.json"] }] })
  const found = await service.doValidation(document, service.parseJSONDocument(document), {
    schemaValidation: "error",
  })
  return found.map(({ message }) => (typeof message === "string" ? message : message.value))
}
