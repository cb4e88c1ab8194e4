/** The merchant's admin: the app's listing with its install button, and the installed app in its frame. */
import express, { type Express } from "express"
import { makeSessionToken } from "./admin/session-token.ts"
import { appBridgeScript, appPage } from "./admin-frame.ts"
import { listingPage } from "./admin-listing.ts"
import type { ShopState } from "./state.ts"

export type AdminPageOptions = {
  state: ShopState
  appUrl: () => string
  /** Granted by the install button. */
  scopes: readonly string[]
}

export function mountAdminPages(server: Express, { state, appUrl, scopes }: AdminPageOptions): void {
  const isInstalled = () => state.store.installation.installedAtMs !== null
  // The shop keeps no trace of an app that left; the demo's admin remembers, to offer what comes after.
  let left = false
  state.onChange(({ topic }) => {
    if (topic === "app/uninstalled") left = true
    if (topic === "shop/redact") left = false
  })
  const form = express.urlencoded({ extended: false, limit: "1kb" })

  server.post("/admin/install", form, (_request, response) => {
    if (!isInstalled()) state.install(scopes)
    left = false
    response.redirect(303, "/admin/apps/throughline")
  })
  server.post("/admin/uninstall", form, (_request, response) => {
    if (isInstalled()) state.uninstall()
    response.redirect(303, "/admin")
  })
  server.post("/admin/two-days-later", form, (_request, response) => {
    if (left) state.redactShop()
    response.redirect(303, "/admin")
  })
  server.get("/admin/session-token", (_request, response) => {
    response.set({ "Access-Control-Allow-Origin": new URL(appUrl()).origin, "Cache-Control": "no-store" })
    if (!isInstalled()) return void response.status(403).end()
    response.type("text").send(makeSessionToken(state, Date.now()))
  })
  server.get("/app-bridge.js", (_request, response) => {
    response.set("Access-Control-Allow-Origin", "*").type("js").send(appBridgeScript)
  })
  server.get(/^\/admin(?:\/apps\/throughline(\/.*)?)?$/, (request, response) => {
    const path = request.params[0] ?? "/app"
    const html = isInstalled()
      ? appPage({ state, appUrl: appUrl() }, path, Date.now())
      : listingPage({ shopName: state.store.shop.name, scopes, left })
    response.set("Cache-Control", "no-store").type("html").send(html)
  })
}
