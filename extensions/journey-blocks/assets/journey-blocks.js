// Personal ranking for a slate that Liquid has rendered. It replaces the default only while the block is still below
// the screen; later, and on any failure, the default stays. Our answer names products; titles, prices and availability
// come from the shop's Storefront API. Without consent nothing is asked or told.
;(() => {
  const PROXY = "/apps/throughline"
  const NAME = "throughline.visitor"
  const DEADLINE_MS = 2500

  const CARDS = `query ($ids: [ID!]!, $country: CountryCode, $language: LanguageCode)
    @inContext(country: $country, language: $language) { nodes(ids: $ids) { ... on Product {
      id title handle availableForSale
      featuredImage { url(transform: { maxWidth: 720 }) small: url(transform: { maxWidth: 360 }) }
      priceRange { minVariantPrice { amount currencyCode } maxVariantPrice { amount } }
      compareAtPriceRange { maxVariantPrice { amount } }
    } }
  }`

  const randomId = () => crypto.randomUUID().replaceAll("-", "")

  const consented = () => {
    const privacy = window.Shopify?.customerPrivacy
    return privacy?.analyticsProcessingAllowed?.() && privacy.preferencesProcessingAllowed?.()
  }

  const post = (url, body, options) =>
    fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      ...options,
    })

  const tell = (path, body) => post(PROXY + path, body, { keepalive: true }).catch(() => undefined)

  /** The browser's own random name, made with consent; taken back and forgotten without. */
  function visitor() {
    try {
      const known = localStorage.getItem(NAME)
      if (consented()) {
        const name = /^[0-9a-f]{32}$/.test(known) ? known : randomId()
        localStorage.setItem(NAME, name)
        return name
      }
      localStorage.removeItem(NAME)
      if (known) tell("/consent", { visitor: known, analytics: false })
    } catch {
      // No storage, no name.
    }
    return null
  }

  function send(event) {
    const name = visitor()
    // Ties the cart's order to this browser.
    const cart = /(?:^|; )cart=([\w-]{8,64})(?:%3F|;|$)/.exec(document.cookie)?.[1]
    if (name)
      tell("/events", { delivery: randomId(), visitor: name, cart, events: [{ at: Date.now(), ...event }] })
  }

  /** Writes amounts as the theme's `money` filter wrote 1,234.56. */
  function moneyLike(sample) {
    const parts = /^(\D*)1(\D?)23[45](?:(\D)56)?(\D*)$/.exec(sample.trim())
    if (!parts) return null
    const [, before, thousands, decimal, after] = parts
    return (amount) => {
      const [whole, cents] = Number(amount)
        .toFixed(decimal ? 2 : 0)
        .split(".")
      const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands)
      return before + grouped + (decimal ? decimal + cents : "") + after
    }
  }

  const element = (tag, className, textContent) =>
    Object.assign(document.createElement(tag), { className, textContent })

  class Recommendations extends HTMLElement {
    connectedCallback() {
      this.list = this.querySelector(".tl-block__list")
      if (!this.list || this.ready || window.Shopify?.designMode) return
      this.ready = true
      for (const press of ["click", "auxclick"])
        this.list.addEventListener(press, (event) => this.clicked(event))
      const begin = () => consented() && this.personalise()
      document.addEventListener("visitorConsentCollected", () => (consented() ? begin() : visitor()))
      if (window.Shopify?.customerPrivacy) begin()
      else
        window.Shopify?.loadFeatures?.(
          [{ name: "consent-tracking-api", version: "0.1" }],
          (error) => error || begin(),
        )
    }

    async personalise() {
      if (this.asked || this.dataset.source !== "personal") return
      this.asked = true
      const late = new AbortController()
      const deadline = setTimeout(() => late.abort(), DEADLINE_MS)
      const watch = new IntersectionObserver(
        (entries) => entries.some((e) => e.isIntersecting) && late.abort(),
      )
      watch.observe(this)
      try {
        const decision = await this.decide(late.signal)
        const cards = decision.outcome === "shown" ? await this.cards(decision.products, late.signal) : []
        if (late.signal.aborted || !this.belowScreen()) return
        if (decision.outcome !== "shown") {
          // Held out, or nothing fits: the shop's own theme.
          this.hidden = true
          return
        }
        this.show(cards, decision)
      } catch {
        // Late or wrong: the default stays.
      } finally {
        clearTimeout(deadline)
        watch.disconnect()
      }
    }

    async decide(signal) {
      const { product, count } = this.dataset
      const query = new URLSearchParams({ visitor: visitor() ?? "", product, count })
      const answer = await fetch(`${PROXY}/block?${query}`, { signal })
      if (!answer.ok) throw new Error("refused")
      return answer.json()
    }

    /** The page's own card, else a copy filled by the Storefront API. */
    async cards(products, signal) {
      const here = new Map(Array.from(this.list.children, (card) => [card.dataset.product, card]))
      const about = products.flatMap(({ reason }) => (reason?.product ? [reason.product] : []))
      const absent = products.map(({ product }) => product).filter((product) => !here.has(product))
      const wanted = [...new Set([...absent, ...("reasons" in this.dataset ? about : [])])]
      const found = wanted.length ? await this.fetchProducts(wanted, signal) : new Map()
      return products.flatMap(({ product, reason }) => {
        const source = here.get(product)
        const data = found.get(product)
        if (!source && !data?.availableForSale) return []
        const card = (source ?? this.list.children[0]).cloneNode(true)
        if (!source) this.fill(card, data)
        const text = this.getAttribute(`data-reason-${reason?.kind}`) ?? ""
        const title = found.get(reason?.product)?.title
        const said = text.includes("[title]") ? (title ? text.replace("[title]", () => title) : "") : text
        card.querySelector(".tl-card__reason").textContent = said
        return [card]
      })
    }

    root() {
      return this.dataset.root.replace(/\/?$/, "/")
    }

    async fetchProducts(ids, signal) {
      const { country, language } = this.dataset
      const variables = {
        ids: ids.map((id) => `gid://shopify/Product/${id}`),
        country: country || null,
        language: language?.toUpperCase().replace("-", "_"),
      }
      const answer = await post(
        `${this.root()}api/2026-07/graphql.json`,
        { query: CARDS, variables },
        { signal },
      )
      const { data } = await answer.json()
      const known = data.nodes.filter((node) => node?.handle)
      return new Map(known.map((node) => [node.id.split("/").pop(), node]))
    }

    fill(card, data) {
      const { currency, money: sample, from, was } = this.dataset
      const money = moneyLike(sample)
      const { minVariantPrice: lowest, maxVariantPrice: highest } = data.priceRange
      if (!money || lowest.currencyCode !== currency) throw new Error("currency")
      card.dataset.product = data.id.split("/").pop()
      const link = card.querySelector(".tl-card__link")
      link.textContent = data.title
      link.href = `${this.root()}products/${data.handle}`
      const media = card.querySelector(".tl-card__media")
      media.replaceChildren()
      if (data.featuredImage) {
        const { url, small } = data.featuredImage
        const image = Object.assign(element("img", "tl-card__image"), { alt: "", loading: "lazy" })
        media.append(
          Object.assign(image, {
            srcset: `${small} 360w, ${url} 720w`,
            sizes: "(min-width: 990px) 25vw, 50vw",
            src: url,
          }),
        )
      }
      const now = money(lowest.amount)
      const before = Number(data.compareAtPriceRange.maxVariantPrice.amount)
      const price =
        Number(highest.amount) > Number(lowest.amount) ? [from.replace("[price]", () => now)] : [now]
      if (price[0] === now && before > Number(lowest.amount))
        price.unshift(element("span", "tl-hidden", was), element("s", "tl-card__was", money(before)))
      card.querySelector(".tl-card__price").replaceChildren(...price)
    }

    show(cards, { decisionId, servedBy }) {
      const shown = new Set(cards.map((card) => card.dataset.product))
      // The default slate makes up a shorter answer: the block keeps its measure.
      const rest = Array.from(this.list.children).filter((card) => !shown.has(card.dataset.product))
      this.list.replaceChildren(...[...cards, ...rest].slice(0, this.dataset.count))
      // A scroller stays snapped to its old first card.
      this.list.scrollLeft = 0
      Object.assign(this.dataset, { decisionId, servedBy })
      this.watchSeen([...shown])
    }

    /** A change above the screen would move what is read; one inside it would be noticed. */
    belowScreen() {
      return this.getBoundingClientRect().top >= innerHeight && !this.contains(document.activeElement)
    }

    /** An impression: half of the block, or of the screen, is in view. */
    watchSeen(products) {
      const half = (e) => e.intersectionRatio >= 0.5 || e.intersectionRect.height >= innerHeight / 2
      const seen = new IntersectionObserver(
        (entries) => {
          if (!entries.some(half)) return
          seen.disconnect()
          send({ type: "seen", decision: this.dataset.decisionId, products })
        },
        { threshold: [0.1, 0.25, 0.5, 0.75] },
      )
      seen.observe(this)
    }

    clicked(event) {
      const card = event.target.closest("a") && event.target.closest(".tl-card")
      if (!card || event.button > 1) return
      send({ type: "recommendation_click", product: card.dataset.product, decision: this.dataset.decisionId })
    }
  }

  customElements.define("throughline-recommendations", Recommendations)
})()
