import { mkdirSync } from "node:fs"
import { resolve } from "node:path"

/** The folder of state, `THROUGHLINE_HOME`; made where it is not there. */
export function stateFolder(): string {
  process.env.THROUGHLINE_HOME ||= ".throughline"
  const home = resolve(process.env.THROUGHLINE_HOME)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  return home
}
