/** A bulk operation of a shop: started, and asked how it stands. */
import { z } from "zod"
import { AppError } from "../../errors.ts"
import { askShop, type ShopAdmin } from "../../shopify-ask.server.ts"
import { READ_BULK_OPERATION, RUN_BULK_QUERY } from "./bulk-queries.ts"

const started = z.object({
  bulkOperationRunQuery: z.object({
    bulkOperation: z.object({ id: z.string() }).nullable(),
    userErrors: z.array(z.object({ code: z.string().nullish(), message: z.string() })),
  }),
})

/** Others of this shop run already: it is tried again. */
const BUSY = new Set(["OPERATION_IN_PROGRESS", "LIMIT_REACHED"])

/**
 * @returns the operation's id, or null while Shopify runs as many of this shop as it allows
 * @throws AppError `unavailable` where Shopify refuses the query
 */
export async function startOperation(admin: ShopAdmin, query: string): Promise<string | null> {
  const { data } = await askShop(admin, RUN_BULK_QUERY, { query: query.replace("#graphql", "") })
  const { bulkOperation, userErrors } = started.parse(data).bulkOperationRunQuery
  if (bulkOperation) return bulkOperation.id
  if (userErrors.some(({ code }) => BUSY.has(code ?? ""))) return null
  throw new AppError(
    "unavailable",
    `Expected Shopify to start a bulk operation; it refused (${userErrors.map(({ code }) => code ?? "no code").join(", ")}).`,
  )
}

const standing = z.object({
  bulkOperation: z
    .object({
      status: z.enum(["CREATED", "RUNNING", "COMPLETED", "CANCELING", "CANCELED", "FAILED", "EXPIRED"]),
      errorCode: z.string().nullable(),
      objectCount: z.coerce.number(),
      url: z.string().nullable(),
      createdAt: z.string(),
    })
    .nullable(),
})

export type Standing =
  | { state: "running"; objects: number }
  /** `url` is null where the result is empty. `startedAtMs` is when it began to read. */
  | { state: "completed"; objects: number; url: string | null; startedAtMs: number }
  /** It has to be started anew. */
  | { state: "lost"; reason: string }

export async function readOperation(admin: ShopAdmin, id: string): Promise<Standing> {
  const { data } = await askShop(admin, READ_BULK_OPERATION, { id })
  const { bulkOperation } = standing.parse(data)
  if (!bulkOperation) return { state: "lost", reason: "NOT_FOUND" }
  const { status, errorCode, objectCount: objects, url, createdAt } = bulkOperation
  switch (status) {
    case "CREATED":
    case "RUNNING":
    case "CANCELING":
      return { state: "running", objects }
    case "COMPLETED":
      return { state: "completed", objects, url, startedAtMs: Date.parse(createdAt) }
    case "CANCELED":
    case "FAILED":
    case "EXPIRED":
      return { state: "lost", reason: errorCode ?? status }
    default:
      return status satisfies never
  }
}
