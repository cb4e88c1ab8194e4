/**
 * Shopify's ids: numbers in REST payloads (some past 2^53), `gid://shopify/Order/123` in GraphQL. Here they are the
 * number as text.
 */

const NUMBER = /^\d{1,24}$/
const GID = /^gid:\/\/shopify\/[A-Za-z]+\/(\d{1,24})(?:\?.*)?$/

/** @returns the number as text; undefined where `value` is no id. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined
  if (typeof value !== "string") return undefined
  if (NUMBER.test(value)) return value
  return GID.exec(value)?.[1]
}

/** The id of a REST resource: `admin_graphql_api_id` is exact where a reader rounded the number. */
export function resourceId(resource: { id?: unknown; admin_graphql_api_id?: unknown }): string | undefined {
  return idOf(resource.admin_graphql_api_id) ?? idOf(resource.id)
}
