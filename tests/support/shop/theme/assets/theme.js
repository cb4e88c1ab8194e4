// The theme's own script. It also stands for the web pixel: what a visitor who consented does goes to the app.
;(() => {
  const KEY = "throughline.visitor"
  const privacy = () => window.Shopify.customerPrivacy
  const randomId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    )

  const cart = () => /(?:^|; )cart=([\w-]{8,64})(?:%3F|;|$)/.exec(document.cookie)?.[1]
  const post = (path, body) =>
    fetch(`/apps/throughline/${path}`, {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => undefined)

  function publish(event) {
    if (!privacy()?.analyticsProcessingAllowed()) return
    const visitor = localStorage.getItem(KEY) ?? randomId()
    localStorage.setItem(KEY, visitor)
    post("events", { delivery: randomId(), visitor, cart: cart(), events: [{ at: Date.now(), ...event }] })
  }

  /** On a page without the block, which does the same. */
  function withdraw() {
    const visitor = localStorage.getItem(KEY)
    if (!visitor) return
    localStorage.removeItem(KEY)
    post("consent", { visitor, analytics: false })
  }

  const { event: type, eventProduct: product, eventQuery: query } = document.body.dataset
  const view = { type, ...(product ? { product } : {}), ...(query ? { query } : {}) }
  let viewed = false
  const publishView = () => {
    if (viewed || !type || !privacy()?.analyticsProcessingAllowed()) return
    viewed = true
    publish(view)
  }

  window.Shopify.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], publishView)
  document.addEventListener("visitorConsentCollected", publishView)

  for (const button of document.querySelectorAll("[data-consent]"))
    button.addEventListener("click", (press) => {
      press.preventDefault()
      const given = button.dataset.consent === "yes"
      privacy()?.setTrackingConsent({ analytics: given, preferences: given, marketing: given }, () => {
        if (!given) withdraw()
        document.querySelector(".consent")?.remove()
        const control = document.querySelector(".demo__button[data-consent]")
        if (!control) return
        control.dataset.consent = given ? "no" : "yes"
        control.textContent = given ? "Consent: given" : "Consent: refused"
      })
    })

  for (const select of document.querySelectorAll("[data-submit]"))
    select.addEventListener("change", () => {
      // Another person at this browser: a name of their own.
      localStorage.removeItem(KEY)
      select.form.submit()
    })

  for (const form of document.querySelectorAll("[data-cart-add]"))
    form.addEventListener("submit", () =>
      publish({
        type: "cart_add",
        product: form.dataset.cartAdd,
        quantity: Number(form.quantity?.value ?? 1),
      }),
    )
  for (const form of document.querySelectorAll("[data-cart-remove]"))
    form.addEventListener("submit", () => publish({ type: "cart_remove", product: form.dataset.cartRemove }))

  for (const step of document.querySelectorAll("[data-step]"))
    step.addEventListener("change", () => {
      if (
        step.dataset.done ||
        !Array.from(step.querySelectorAll("input")).every((input) => input.validity.valid)
      )
        return
      step.dataset.done = "yes"
      publish({ type: step.dataset.step })
    })
})()
