import { z } from "zod"
import { AppError } from "../errors.ts"

/** What a storefront block asks for. */
export type BlockRequest = {
  /** The browser's own random name, there only with consent; null without. */
  browser: string | null
  /** The product page that asks, by the shop's own name for the product. */
  item: string
  count: number
}

/** As the block's script makes it: 122 random bits (RFC 9562, version 4). */
export const browserName = z.string().regex(/^[0-9a-f]{32}$/)

/** A Shopify product id, or an items file's `item`: short, and nothing that could be markup or end a line. */
export const itemName = z.string().regex(/^[^\p{C}<>"'`\\]{1,128}$/u)

const MAX_PRODUCTS = 12 // the block's own setting goes no higher

const query = z.strictObject({
  visitor: browserName.or(z.literal("")),
  product: itemName,
  count: z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number)
    .pipe(z.number().min(1).max(MAX_PRODUCTS)),
  // Shopify's own, checked with the signature.
  shop: z.string(),
  path_prefix: z.string(),
  timestamp: z.string(),
  logged_in_customer_id: z.string(),
  signature: z.string(),
})

/** @throws AppError `bad_request` naming what is wrong, never repeating what came */
export function parseBlockRequest(parameters: URLSearchParams): BlockRequest {
  const result = query.safeParse(Object.fromEntries(parameters))
  if (!result.success) throw badRequest(result.error)
  const { visitor, product, count } = result.data
  return { browser: visitor === "" ? null : visitor, item: product, count }
}

export function badRequest(error: z.ZodError): AppError {
  const names = [
    ...new Set(error.issues.map((issue) => issue.path.filter((part) => typeof part === "string").join("."))),
  ]
  return new AppError(
    "bad_request",
    `Expected what the block of this version sends; not as expected: ${names.filter(Boolean).join(", ") || "the shape"}. Update the theme app extension.`,
  )
}
