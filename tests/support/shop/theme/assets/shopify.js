// What Shopify itself puts on every storefront page, as far as the block and the theme use it.
;(() => {
  const consent = () => /(?:^|; )shop_consent=(yes|no)/.exec(document.cookie)?.[1] ?? ""
  const allowed = () => consent() === "yes"
  window.Shopify = {
    routes: { root: "/" },
    loadFeatures(_features, done) {
      window.Shopify.customerPrivacy = {
        analyticsProcessingAllowed: allowed,
        preferencesProcessingAllowed: allowed,
        marketingAllowed: allowed,
        saleOfDataAllowed: allowed,
        setTrackingConsent({ analytics, preferences }, then) {
          const value = analytics && preferences ? "yes" : "no"
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere
          document.cookie = `shop_consent=${value}; path=/; max-age=2592000; samesite=lax`
          document.dispatchEvent(
            new CustomEvent("visitorConsentCollected", { detail: { analytics, preferences } }),
          )
          then?.()
        },
      }
      setTimeout(() => done?.())
    },
  }
})()
