/** Renders the extension's own block, with the settings that its schema gives by default. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { makeLiquidEngine, readDictionary } from "./liquid-engine.ts"

export const extensionFolder = join(import.meta.dirname, "../../../extensions/journey-blocks")

export type BlockSettings = {
  heading?: string
  count?: number
  layout?: "grid" | "row"
  source?: "personal" | "product"
  show_reasons?: boolean
}

type Schema = { settings: { id: string; default?: unknown }[] }

/** The JSON of the block's schema tag. */
export function readBlockSchema(): Schema & Record<string, unknown> {
  const source = readFileSync(join(extensionFolder, "blocks", "recommendations.liquid"), "utf8")
  const json = /\{%-?\s*schema\s*-?%\}([\s\S]*?)\{%-?\s*endschema/.exec(source)?.[1]
  if (json === undefined) throw new Error("blocks/recommendations.liquid has no schema tag.")
  return JSON.parse(json)
}

/** A function that renders the block into a page's variables (product, routes, localization, cart). */
export function makeBlockRenderer(options: { locale: string; currency: string }) {
  const engine = makeLiquidEngine({
    roots: [join(extensionFolder, "blocks"), join(extensionFolder, "snippets")],
    translate: readDictionary(join(extensionFolder, "locales"), options.locale),
    assetUrl: (name) => `/extensions/${name}`,
    currency: options.currency,
  })
  const defaults = Object.fromEntries(
    readBlockSchema().settings.map(({ id, default: value }) => [id, value ?? ""]),
  )
  return (page: Record<string, unknown>, settings: BlockSettings = {}): Promise<string> =>
    engine.renderFile("recommendations", {
      ...page,
      block: { id: "recommendations", settings: { ...defaults, ...settings }, shopify_attributes: "" },
    })
}
