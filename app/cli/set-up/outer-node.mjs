import { existsSync } from "node:fs"
import { delimiter, join, sep } from "node:path"
import { projectRoot } from "./project.mjs"

/**
 * A Node outside node_modules, for what replaces node_modules: from the second launch on npm runs this very program
 * under the Node that lies there, and an install deletes that.
 */
export function outerNode() {
  const inside = join(projectRoot, "node_modules") + sep
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"))
  const candidates = [process.execPath, process.env.npm_node_execpath ?? "", ...onPath]
  return candidates.find((file) => !file.startsWith(inside) && existsSync(file)) ?? process.execPath
}
