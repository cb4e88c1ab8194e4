import { at, type PayloadSource } from "./rest-format.ts"

/** shop/update and app/uninstalled */
export function shopPayload(source: PayloadSource): object {
  const { shop } = source
  return {
    id: Number(shop.id),
    name: shop.name,
    email: shop.email,
    domain: shop.domain,
    country: shop.country,
    country_code: shop.country,
    created_at: at(source, shop.createdAtMs),
    updated_at: at(source, shop.updatedAtMs),
    currency: shop.currency,
    iana_timezone: shop.timeZone,
    myshopify_domain: shop.domain,
    plan_name: shop.plan.toLowerCase(),
    plan_display_name: shop.plan,
    primary_locale: "en",
  }
}

/** app/scopes_update */
export function scopesPayload(
  source: PayloadSource,
  previous: readonly string[],
  current: readonly string[],
  atMs: number,
): object {
  return {
    id: Number(source.shop.id),
    previous,
    current,
    updated_at: new Date(atMs).toISOString(),
    admin_graphql_api_id: "gid://shopify/App/1",
  }
}
