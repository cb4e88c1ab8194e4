import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const HERE = path.dirname(fileURLToPath(import.meta.url))
const ROOT = path.resolve(HERE, "../../..")
const SOURCE = /\.(ts|tsx|mjs|js|py)$/
const SKIP = new Set(["node_modules", "build", ".venv", "__pycache__"])

function filesUnder(folder: string): string[] {
  let entries: ReturnType<typeof list>
  function list() {
    return readdirSync(folder, { withFileTypes: true })
  }
  try {
    entries = list()
  } catch (error) {
    // A part of the project that does not exist yet shares no code with anything.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return []
    throw error
  }
  return entries.flatMap((entry) => {
    if (SKIP.has(entry.name)) return []
    const full = path.join(folder, entry.name)
    return entry.isDirectory() ? filesUnder(full) : SOURCE.test(entry.name) ? [full] : []
  })
}

it("the generator imports nothing of the app but the types of an event", () => {
  for (const file of filesUnder(HERE)) {
    if (file.endsWith(".test.ts")) continue
    for (const [statement, specifier = ""] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\b[^;]*?from "([^"]+)"/gm,
    )) {
      const where = `${path.relative(ROOT, file)}: ${specifier}`
      if (specifier.startsWith("node:")) continue
      if (!specifier.startsWith(".")) {
        // Only the reader of research logs opens Parquet; the shop itself needs no package.
        expect(path.relative(HERE, file), where).toBe(path.join("measure", "real-logs.ts"))
        continue
      }
      const target = path.resolve(path.dirname(file), specifier)
      if (target.startsWith(HERE + path.sep)) continue
      expect(path.relative(ROOT, target), where).toBe(path.join("app", "capture", "event.ts"))
      expect(statement, where).toMatch(/^import type\b/)
    }
  }
})

it("nothing that models or measures imports the generator", () => {
  const folders = [
    "ml",
    ...[
      "capture",
      "journey",
      "features",
      "scoring",
      "recommend",
      "conversion",
      "retention",
      "decision",
      "experiment",
      "surface",
      "shop",
    ].map((name) => path.join("app", name)),
  ]
  for (const folder of folders) {
    for (const file of filesUnder(path.join(ROOT, folder))) {
      if (/\.test\.tsx?$|(^|\/)test_[^/]*\.py$/.test(file)) continue
      expect(readFileSync(file, "utf8"), path.relative(ROOT, file)).not.toMatch(/demo-shop|demo_shop/)
    }
  }
})
