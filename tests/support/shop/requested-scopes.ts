import { readFileSync } from "node:fs"
import { join } from "node:path"

const configuration = join(import.meta.dirname, "..", "..", "..", "shopify.app.toml")

/** What the app asks of a merchant at the install, by its shopify.app.toml. */
export function requestedScopes(file = configuration): string[] {
  const found = /^\s*scopes\s*=\s*"([^"]*)"/m.exec(readFileSync(file, "utf8"))?.[1]
  if (found === undefined) throw new Error(`Expected access scopes in ${file}, found none.`)
  return found.split(",")
}
