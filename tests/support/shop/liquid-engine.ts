/**
 * Shopify's Liquid, as far as the extension and the simulated theme use it: liquidjs with Shopify's own tags (their
 * bodies are for the theme editor and render nothing) and filters.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Liquid, type TagToken, type TopLevelToken } from "liquidjs"
import { moneyText } from "./money.ts"

type Dictionary = { [key: string]: string | Dictionary }

/** `locales/LOCALE.json` laid over `locales/en.default.json`, as Shopify falls back. */
export function readDictionary(folder: string, locale: string): (key: string) => string {
  const read = (name: string): Dictionary => JSON.parse(readFileSync(join(folder, name), "utf8"))
  const fallback = read("en.default.json")
  const wanted = locale === "en" ? fallback : read(`${locale}.json`)
  return (key) => lookUp(wanted, key) ?? lookUp(fallback, key) ?? `Translation missing: ${key}`
}

function lookUp(dictionary: Dictionary, key: string): string | undefined {
  let at: string | Dictionary | undefined = dictionary
  for (const part of key.split(".")) at = typeof at === "object" ? at[part] : undefined
  return typeof at === "string" ? at : undefined
}

export type EngineOptions = {
  /** Folders with templates and snippets. */
  roots: string[]
  translate: (key: string) => string
  /** Address of a file in `assets/`. */
  assetUrl: (name: string) => string
  currency: string
}

export function makeLiquidEngine({ roots, translate, assetUrl, currency }: EngineOptions): Liquid {
  const engine = new Liquid({
    root: roots,
    partials: roots,
    extname: ".liquid",
    cache: true,
    strictFilters: true,
  })
  for (const name of ["schema", "doc", "javascript", "stylesheet"]) registerSilentTag(engine, name)

  engine.registerFilter("t", (key: string, ...named: [string, unknown][]) => {
    const values = new Map(named)
    return translate(key).replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name) => String(values.get(name) ?? ""))
  })
  engine.registerFilter("money", (cents: number) => moneyText(cents, currency))
  engine.registerFilter("asset_url", assetUrl)
  // Drawn images have no sizes: any width is the same picture.
  engine.registerFilter("image_url", (image: unknown) => String(image ?? ""))
  engine.registerFilter("image_tag", (source: string, ...named: [string, unknown][]) => {
    const given = Object.fromEntries(named)
    const attributes: Record<string, unknown> = { src: source, width: 720, height: 720, alt: "" }
    for (const name of ["class", "alt", "loading", "sizes", "fetchpriority"])
      if (name in given) attributes[name] = given[name]
    const text = Object.entries(attributes).map(
      ([name, value]) => `${name}="${escapeHtml(String(value ?? ""))}"`,
    )
    return `<img ${text.join(" ")}>`
  })
  return engine
}

function registerSilentTag(engine: Liquid, name: string): void {
  engine.registerTag(name, {
    parse(_tag: TagToken, remaining: TopLevelToken[]) {
      const end = remaining.findIndex((token) => new RegExp(`^\\{%-?\\s*end${name}\\b`).test(token.getText()))
      if (end === -1) throw new Error(`Expected {% end${name} %} after {% ${name} %}.`)
      remaining.splice(0, end + 1)
    },
    render: () => "",
  })
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
