/**
 * Shopify's Admin schema, for the simulated shop and for the checks of the app's queries. It comes inside a package
 * whose own dependencies nobody here wants, so that is fetched and not installed: two files are taken out.
 */
import { createHash } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { fileOfArchive } from "./file-of-archive.mjs"
import { explain } from "./install-packages.mjs"
import { projectRoot } from "./project.mjs"
import { runNpm } from "./run-npm.mjs"
import { SetUpError, withProgress } from "./show.mjs"

const PACKAGE = "@shopify/dev-mcp@1.16.0"
const SHA512 = "tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=="
const FOLDER = "package/dist/data"
const FILES = ["admin_2026-07.json.gz", "admin_2026-10.json.gz"]

const target = join(projectRoot, ".throughline", "shopify-schema")

export function shopifySchemaIsThere() {
  return FILES.every((file) => existsSync(join(target, file)))
}

export async function fetchShopifySchema() {
  await withProgress(
    "Shopify's Admin schema (14 MB)",
    () => null,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "throughline-schema-"))
      try {
        keep(await fetchPackage(folder))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  )
}

async function fetchPackage(folder) {
  const what = `Shopify's Admin schema (the package ${PACKAGE}) could not be fetched`
  const { code, said } = await runNpm(["pack", PACKAGE, "--ignore-scripts", `--pack-destination=${folder}`])
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"))
  if (code !== 0 || !archive) throw new SetUpError(explain(said, what))
  const bytes = readFileSync(join(folder, archive))
  const sum = createHash("sha512").update(bytes).digest("base64")
  if (sum !== SHA512)
    throw new SetUpError(
      `${PACKAGE} is not the package that this project was made with: expected sha512-${SHA512}, got sha512-${sum}.\n` +
        "  Run “npm cache clean --force” and the same command again; if it stays, the registry serves another package.",
    )
  return gunzipSync(bytes)
}

/** Each file appears whole or not at all. */
function keep(archive) {
  mkdirSync(target, { recursive: true })
  for (const file of FILES) {
    const content = fileOfArchive(archive, `${FOLDER}/${file}`)
    if (!content) throw new SetUpError(`${PACKAGE} holds no ${FOLDER}/${file}.`)
    const unfinished = join(target, `${file}.${process.pid}`)
    writeFileSync(unfinished, content)
    renameSync(unfinished, join(target, file))
  }
}
