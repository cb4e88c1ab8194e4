/** Shopify's own command line judges the app's manifest and its extensions, in a copy: it writes beside what it reads. */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { projectRoot } from "../architecture/source.ts"

const CLI = join(projectRoot, "node_modules", "@shopify", "cli", "bin", "run.js")
const BLOCKS = "extensions/journey-blocks"
const SLOW_MS = 120_000 // a second or two on an idle machine

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "throughline-shopify-"))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A copy of what Shopify's tools read, with one file changed. */
function copyOfApp(name: string, change?: { file: string; to: (text: string) => string }): string {
  const copy = join(folder, name)
  mkdirSync(copy)
  cpSync(join(projectRoot, "shopify.app.toml"), join(copy, "shopify.app.toml"))
  cpSync(join(projectRoot, "extensions"), join(copy, "extensions"), { recursive: true })
  // It looks for a package; ours would have it install packages.
  writeFileSync(join(copy, "package.json"), JSON.stringify({ name: "throughline", private: true }))
  if (change) {
    const file = join(copy, change.file)
    writeFileSync(file, change.to(readFileSync(file, "utf8")))
  }
  return copy
}

function shopify(cwd: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const env = {
    ...process.env,
    // npm's word for where it was called, which the CLI takes for the app's folder.
    INIT_CWD: cwd,
    HOME: folder, // a home of another user, or one that can't be written, would stop it
    CI: "1",
    SHOPIFY_CLI_NO_ANALYTICS: "1",
    NO_COLOR: "1",
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: out + err }),
    )
  })
}

const build = (copy: string) => shopify(copy, "app", "build", "--skip-dependencies-installation")
const checkBlocks = (copy: string) =>
  shopify(copy, "theme", "check", "--path", join(copy, BLOCKS), "--fail-level", "error")

test("shopify app build takes the app's manifest and extensions", { timeout: SLOW_MS }, async () => {
  const { code, said } = await build(copyOfApp("whole"))
  expect(said).toContain("throughline built!")
  expect(code).toBe(0)
})

test("shopify app build refuses a manifest that is wrong", { timeout: SLOW_MS }, async () => {
  const wrong = copyOfApp("wrong", {
    file: "shopify.app.toml",
    to: (text) => text.replace(/^application_url = .*$/m, 'application_url = "nowhere"'),
  })
  const { code, said } = await build(wrong)
  expect(said).toContain("application_url")
  expect(code).not.toBe(0)
})

test("shopify theme check finds nothing in the blocks", { timeout: SLOW_MS }, async () => {
  const { code, said } = await checkBlocks(copyOfApp("blocks"))
  expect(said).toContain("no offenses found")
  expect(code).toBe(0)
})

test("shopify theme check finds an error where there is one", { timeout: SLOW_MS }, async () => {
  const broken = copyOfApp("broken", {
    file: `${BLOCKS}/blocks/recommendations.liquid`,
    to: (text) => `{% render 'no-such-snippet' %}\n${text}`,
  })
  const { code, said } = await checkBlocks(broken)
  expect(said).toContain("no-such-snippet")
  expect(code).not.toBe(0)
})
