/** What the documents quote must be there. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { projectRoot } from "./source.ts"

/** Scripts that npm would run unasked before or after another, for their names: "pretrain" before "train". */
export function unaskedScripts(scripts: readonly string[]): string[] {
  return scripts.filter(
    (name) => /^(pre|post)./.test(name) && scripts.includes(name.replace(/^(pre|post)/, "")),
  )
}

/** `npm run X`, `npm test` and `npm start` in a text whose script does not exist. */
export function unknownScripts(text: string, scripts: readonly string[]): string[] {
  const run = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name]) => name ?? "")
  const short = [...text.matchAll(/\bnpm (test|start)\b/g)].map(([, name]) => name ?? "")
  return [...run, ...short].filter((name) => !scripts.includes(name))
}

const OUR_FOLDERS = /`((?:app|tests|ml|docs|prisma|extensions|public|\.ci|\.github)\/[\w./-]+)`/g

/** Paths of ours in back quotes that are not there. */
export function missingPaths(text: string): string[] {
  return [...text.matchAll(OUR_FOLDERS)]
    .map(([, path]) => path ?? "")
    .filter((path) => !existsSync(join(projectRoot, path)))
}

export type Variable = { name: string; meaning: string; default: unknown }

/** The text of `.env.example`: each variable with its meaning; one that has a default is commented out. */
export function envExample(variables: readonly Variable[]): string {
  const head =
    "# Copy to .env and fill in what is not commented out. app/env.server.ts is where these are read.\n"
  return `${head}${variables.map(entry).join("")}`
}

function entry({ name, meaning, default: fallback }: Variable): string {
  const optional = fallback !== null
  const value =
    typeof fallback === "string" ? fallback.replace(`${process.cwd()}/`, "") : String(fallback ?? "")
  return `\n# ${meaning}\n${optional ? `# ${name}=${fallback === undefined ? "" : value}` : `${name}=`}\n`
}
