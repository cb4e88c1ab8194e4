// Shopify's own names: a letter or digit, then letters, digits and hyphens.
const SHOP_DOMAIN = /^[a-z0-9][a-z0-9-]{0,99}\.myshopify\.com$/

export function isShopDomain(text: string): boolean {
  return SHOP_DOMAIN.test(text)
}
