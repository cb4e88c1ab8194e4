import type { Browser, BrowserContext, Page } from "playwright-core"
import { ORDINARY_USER_AGENT } from "../support/browser.ts"

export const BLOCK = "throughline-recommendations"

export type Visit = { context: BrowserContext; page: Page; errors: string[] }

/** A visitor of their own: no cookies, no name. What goes wrong in the page is gathered in `errors`. */
export async function newVisit(
  browser: Browser,
  options: { javaScriptEnabled?: boolean; width?: number; height?: number; reducedMotion?: "reduce" } = {},
): Promise<Visit> {
  const { width = 1280, height = 800, ...rest } = options
  const context = await browser.newContext({
    ...rest,
    userAgent: ORDINARY_USER_AGENT,
    viewport: { width, height },
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on("pageerror", (error) => errors.push(error.message))
  return { context, page, errors }
}

/** The products of the block, in order. */
export function slateOf(page: Page): Promise<string[]> {
  return page.$$eval(`${BLOCK} .tl-card`, (cards) =>
    cards.map((card) => card.getAttribute("data-product") ?? ""),
  )
}

/** Waits until the personal ranking has replaced the default slate. */
export async function personalSlate(page: Page): Promise<string[]> {
  await untilAnswered(page, `${BLOCK}[data-decision-id]`, "attached")
  return slateOf(page)
}

const TRIES = 6
// Past the block's own deadline.
const TRY_MS = 4_000

/** On a loaded machine an answer may miss the block's deadline, and then the default slate rightly stays: look again. */
export async function untilAnswered(
  page: Page,
  selector: string,
  state: "attached" | "hidden",
): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      await page.waitForSelector(selector, { state, timeout: TRY_MS })
      return
    } catch (error) {
      if (left === 1) throw error
      await page.reload()
    }
  }
}
