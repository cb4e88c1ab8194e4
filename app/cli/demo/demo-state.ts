/** The demo shop's own state, kept in a file, so that what was bought in one run is there in the next. */
import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { restoreState, stateText } from "../../../tests/support/shop/keep-state.ts"
import { makeShopState, type ShopState } from "../../../tests/support/shop/state.ts"
import { env } from "../../env.server.ts"

export const DEMO_DOMAIN = "larkfield-home.myshopify.com"

const KEEP_EVERY_MS = 2_000

export function newDemoState(): ShopState {
  return makeShopState({
    domain: DEMO_DOMAIN,
    name: "Larkfield Home",
    currency: "GBP",
    apiKey: env().SHOPIFY_API_KEY,
    apiSecret: env().SHOPIFY_API_SECRET,
  })
}

/** Opens the shop that the file holds; what changes is written back soon, and at `close`. */
export function openDemoState(file: string): { state: ShopState; close(): void } {
  const state = newDemoState()
  restoreState(state, readFileSync(file, "utf8"))
  let kept = state.store.revision
  let installedAtMs = state.store.installation.installedAtMs
  const keep = () => {
    const { revision, installation } = state.store
    if (revision === kept && installation.installedAtMs === installedAtMs) return
    kept = revision
    installedAtMs = installation.installedAtMs
    // Renamed into its place, so that a stop in between leaves the file of before.
    writeFileSync(`${file}.new`, stateText(state))
    renameSync(`${file}.new`, file)
  }
  const timer = setInterval(keep, KEEP_EVERY_MS)
  return {
    state,
    close() {
      clearInterval(timer)
      // Tokens change without a word: the last state is always written.
      kept = -1
      keep()
    },
  }
}
