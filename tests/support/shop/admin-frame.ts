/** The merchant's admin around the embedded app: a sidebar, and the app in a frame with a session token. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { makeSessionToken } from "./admin/session-token.ts"
import { escapeHtml } from "./liquid-engine.ts"
import type { ShopState } from "./state.ts"

export const appBridgeScript = readFileSync(join(import.meta.dirname, "app-bridge.js"), "utf8")

/** `appPath` is a path inside the app, such as `/app/journey`. */
export function appPage(
  options: { state: ShopState; appUrl: string },
  appPath: string,
  nowMs: number,
): string {
  const { shop } = options.state.store
  const store = shop.domain.replace(/\.myshopify\.com$/, "")
  const frame = new URL(appPath, options.appUrl)
  frame.search = new URLSearchParams({
    embedded: "1",
    shop: shop.domain,
    host: Buffer.from(`admin.shopify.com/store/${store}`).toString("base64"),
    locale: "en",
    id_token: makeSessionToken(options.state, nowMs),
  }).toString()
  const main = `<nav aria-label="Admin"><span>Home</span><span>Orders</span><span>Products</span><span>Customers</span><b>Throughline</b><div id="menu"></div>
<form method="post" action="/admin/uninstall"><button>Uninstall Throughline</button></form></nav>
<iframe name="app" title="Throughline" src="${escapeHtml(frame.href)}"></iframe>
<output role="status"></output>
<script>
  const app = ${JSON.stringify(new URL(options.appUrl).origin)}
  const frame = document.querySelector("iframe")
  const toast = document.querySelector("output")
  addEventListener("message", ({ origin, data }) => {
    if (origin !== app || typeof data !== "object") return
    if (data.toast) { toast.textContent = data.toast; setTimeout(() => (toast.textContent = ""), 4000) }
    if (!Array.isArray(data.menu) || data.menu.length === 0) return
    document.getElementById("menu").replaceChildren(...data.menu.map(({ text, path }) => {
      const button = Object.assign(document.createElement("button"), { textContent: text })
      if (path === data.path) button.setAttribute("aria-current", "page")
      button.onclick = () => frame.contentWindow.postMessage({ open: path }, app)
      return button
    }))
  })
</script>`
  return adminDocument(shop.name, main)
}

/** The admin's own frame around what it shows. */
export function adminDocument(shopName: string, main: string): string {
  const name = escapeHtml(shopName)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Throughline · ${name}</title>
<link rel="icon" href="data:,">
<style>
  * { box-sizing: border-box }
  body { margin: 0; height: 100vh; display: grid; grid: auto 1fr / 15rem 1fr; background: #1a1a1a; color: #303030; font: 0.8125rem/1.5 system-ui, "Segoe UI", Roboto, sans-serif }
  header { grid-column: 1 / -1; display: flex; gap: 1rem; align-items: center; padding: 0.75rem 1rem; color: #e3e3e3 }
  header strong { font-size: 0.9375rem }
  header a { margin-inline-start: auto; color: inherit }
  nav { display: flex; flex-direction: column; padding: 0.75rem; background: #ebebeb; border-start-start-radius: 0.75rem; overflow: auto }
  nav span, nav button { display: block; width: 100%; padding: 0.3rem 0.6rem; border: 0; border-radius: 0.5rem; background: none; color: #616161; font: inherit; text-align: start }
  nav b { display: block; margin-top: 1rem; padding: 0.3rem 0.6rem }
  nav button { padding-inline-start: 1.6rem; color: #303030; cursor: pointer }
  nav button[aria-current] { background: #fff; font-weight: 600 }
  nav form { margin-top: auto }
  nav form button { padding-inline-start: 0.6rem; color: #616161 }
  iframe { width: 100%; height: 100%; border: 0; background: #f1f1f1; border-start-end-radius: 0.75rem }
  main { padding: 3rem 1.5rem; background: #f1f1f1; border-start-end-radius: 0.75rem; overflow: auto }
  article { max-width: 34rem; margin: 0 auto; padding: 2rem; border-radius: 0.75rem; background: #fff; box-shadow: 0 1px 3px #0002; font-size: 0.9375rem }
  article h1 { margin: 0 0 0.25rem; font-size: 1.375rem }
  article li { margin-block: 0.35rem }
  article code { color: #616161; font-size: 0.8125rem }
  article .main { padding: 0.6rem 1.5rem; border: 0; border-radius: 0.5rem; background: #303030; color: #fff; font: inherit; font-weight: 600; cursor: pointer }
  article .plain { padding: 0; border: 0; background: none; font: inherit; color: #005bd3; cursor: pointer }
  output { position: fixed; inset-block-end: 1.5rem; inset-inline-start: 50%; padding: 0.5rem 1rem; border-radius: 0.5rem; background: #1a1a1a; color: #fff }
  output:empty { display: none }
  @media (max-width: 48rem) { body { grid: auto 1fr / 1fr } nav { display: none } }
</style>
</head>
<body>
<header><strong>${name}</strong> <span>simulated admin</span> <a href="/">View the shop</a></header>
${main}
</body>
</html>`
}
