/** Shopify's own Admin schema as set-up fetched it: the result of an introspection, a file for each API version. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { IntrospectionQuery } from "graphql"
import { AppError } from "../errors.ts"

/** The version that the app asks for, and the next one. */
export const ADMIN_VERSIONS = ["2026-07", "2026-10"] as const

export type AdminVersion = (typeof ADMIN_VERSIONS)[number]

const FOLDER = join(import.meta.dirname, "..", "..", ".throughline", "shopify-schema")

/** @throws AppError `unavailable` where the set-up has not fetched it */
export function readShopifySchema(version: AdminVersion): IntrospectionQuery {
  const file = join(FOLDER, `admin_${version}.json.gz`)
  if (!existsSync(file))
    throw new AppError(
      "unavailable",
      `Expected Shopify's Admin schema at ${file}, found none. “npm test”, “npm run demo” and “npm run contracts” fetch it before they start.`,
    )
  return JSON.parse(gunzipSync(readFileSync(file)).toString()).data
}
