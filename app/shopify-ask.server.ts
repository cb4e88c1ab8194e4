/** Asks a shop's Admin API from a job: waits where Shopify says to, and tells what may not be read from what failed. */
import { setTimeout as wait } from "node:timers/promises"
import { GraphqlQueryError, HttpResponseError } from "@shopify/shopify-api"
import { z } from "zod"
import { AppError } from "./errors.ts"
import type { AdminRequest } from "./shopify.server.ts"

export type ShopAdmin = Pick<AdminRequest["admin"], "graphql">

/** `denied`: some field may not be read (a scope, or customer data that Shopify did not approve the app for). */
export type ShopAnswer = { data: unknown; denied: boolean }

const MOST_TRIES = 8
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 20_000

const failure = z.object({
  data: z.unknown(),
  errors: z.object({
    graphQLErrors: z
      .array(z.object({ extensions: z.object({ code: z.string() }).optional() }))
      .optional()
      .default([]),
  }),
})

/**
 * @param query a constant tagged `#graphql`, so that it is checked against Shopify's schema
 * @throws AppError `unavailable` where Shopify does not answer, or refuses for another reason than access
 */
export async function askShop(
  admin: ShopAdmin,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<ShopAnswer> {
  for (let tries = 1; ; tries++) {
    try {
      const response = await admin.graphql(query, { variables })
      return { data: z.object({ data: z.unknown() }).parse(await response.json()).data, denied: false }
    } catch (error) {
      const codes = codesOf(error)
      if (codes.length > 0 && codes.every((code) => code === "ACCESS_DENIED"))
        return { data: failure.parse((error as GraphqlQueryError).body).data ?? null, denied: true }
      if (tries >= MOST_TRIES || !mayPass(error, codes))
        throw new AppError(
          "unavailable",
          `Expected the shop's Admin API to answer; it said ${codes.join(", ") || nameOf(error)}. It is asked again later.`,
          { cause: error },
        )
    }
    await wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)))
  }
}

/** Codes of a GraphQL refusal, by which what to do is decided. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof GraphqlQueryError)) return []
  const parsed = failure.safeParse(error.body)
  return (parsed.data?.errors.graphQLErrors ?? []).map(({ extensions }) => extensions?.code ?? "UNKNOWN")
}

/** Too much was asked at once, or the line was bad: that passes. */
function mayPass(error: unknown, codes: readonly string[]): boolean {
  if (codes.length > 0)
    return codes.some(
      (code) => code === "THROTTLED" || code === "INTERNAL_SERVER_ERROR" || code === "TIMEOUT",
    )
  if (error instanceof HttpResponseError) return error.response.code === 429 || error.response.code >= 500
  return !(error instanceof GraphqlQueryError)
}

function nameOf(error: unknown): string {
  if (error instanceof HttpResponseError) return `HTTP ${error.response.code}`
  return error instanceof Error ? error.name : "nothing that can be read"
}
