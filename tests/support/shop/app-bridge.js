// A stand-in for Shopify's app-bridge.js in the simulated admin: the session token, same-origin requests that carry it,
// and the app's menu shown by the frame around it.
;(() => {
  const admin = new URL(document.currentScript.src).origin
  const apiKey =
    document.querySelector("meta[name=shopify-api-key]")?.content ?? document.currentScript.dataset.apiKey
  const idToken = async () => (await nativeFetch(`${admin}/admin/session-token`)).text()
  const nativeFetch = window.fetch.bind(window)
  window.fetch = async (input, init) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin === location.origin && !request.headers.has("Authorization"))
      request.headers.set("Authorization", `Bearer ${await idToken()}`)
    return nativeFetch(request)
  }
  const nothing = () => undefined
  window.shopify = {
    config: { apiKey, shop: new URLSearchParams(location.search).get("shop"), locale: "en" },
    environment: { embedded: true, mobile: false },
    idToken,
    toast: { show: (message) => parent.postMessage({ toast: String(message) }, admin), hide: nothing },
    loading: nothing,
    saveBar: { show: nothing, hide: nothing, leaveConfirmation: async () => undefined },
  }
  for (const name of ["ui-nav-menu", "ui-title-bar"])
    customElements.define(
      name,
      class extends HTMLElement {
        connectedCallback() {
          this.hidden = true
          this.style.display = "none"
        }
      },
    )
  // The page that the app answers with when it has no token: go where it says, with a fresh one.
  const reload = new URLSearchParams(location.search).get("shopify-reload")
  if (reload)
    idToken().then((token) => {
      const next = new URL(reload, location.origin)
      next.searchParams.set("id_token", token)
      location.replace(next)
    })
  const tell = () => {
    const links = document.querySelectorAll("ui-nav-menu a")
    const menu = Array.from(links, (link) => ({
      text: link.textContent.trim(),
      path: link.getAttribute("href"),
    }))
    parent.postMessage({ menu, path: location.pathname }, admin)
  }
  addEventListener("load", tell)
  new MutationObserver(tell).observe(document, { subtree: true, childList: true })
  addEventListener("message", (event) => {
    if (event.origin !== admin || typeof event.data?.open !== "string") return
    const link = Array.from(document.querySelectorAll("ui-nav-menu a")).find(
      (candidate) => candidate.getAttribute("href") === event.data.open,
    )
    link?.click()
  })
})()
