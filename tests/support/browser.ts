/** A real Chromium for tests: the system's own where there is one, else the one that comes as a dev dependency. */
import { existsSync } from "node:fs"
import { type Browser, chromium as playwright } from "playwright-core"
import { unpackChromium } from "./unpack-chromium.ts"

const SYSTEM_BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
]

/** Shopify's library turns away headless user agents, so a test says that it is an ordinary browser. */
export const ORDINARY_USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36"

// A container's /dev/shm is often too small for Chromium, and its sandbox needs rights that containers and root lack.
// The pages are our own.
const ARGUMENTS = ["--disable-dev-shm-usage", "--no-sandbox"]

/** @throws when there is no browser that starts: a browser test that cannot run has failed. */
export async function launchBrowser(): Promise<Browser> {
  const system = SYSTEM_BROWSERS.find((path) => existsSync(path))
  if (system) return playwright.launch({ executablePath: system, args: ARGUMENTS })
  const { executablePath, fonts, libraries } = await unpackChromium()
  const env = { ...process.env, ...fonts }
  try {
    return await playwright.launch({ executablePath, args: ARGUMENTS, env })
  } catch (error) {
    // A system without NSS: the package brings it.
    if (!String(error).includes("shared libraries")) throw error
    return playwright.launch({ executablePath, args: ARGUMENTS, env: { ...env, ...libraries } })
  }
}
