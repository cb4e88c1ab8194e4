/** One request to the Admin GraphQL API: from the token to the answer with its cost. */
import { type DocumentNode, GraphQLError, getOperationAST, Kind, parse, validate } from "graphql"
import { z } from "zod"
import { ADMIN_VERSIONS, type AdminVersion } from "../../../../app/cli/shopify-schema.ts"
import type { ShopState } from "../state.ts"
import type { AdminContext } from "./admin-context.ts"
import { adminSchema } from "./admin-schema.ts"
import type { BulkOperations } from "./bulk/bulk-operations.ts"
import type { CostBucket } from "./cost-bucket.ts"
import { executeAdmin } from "./execute-admin.ts"
import { requestedCost } from "./query-cost.ts"

export type AdminAnswer = { status: number; version: string; body: object }

export type AdminRequest = {
  version: string
  token: string | undefined
  body: unknown
  origin: string
}

type Parts = { state: ShopState; bucket: CostBucket; bulkOperations: BulkOperations }

const requestBody = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})

export function answerAdmin(parts: Parts, request: AdminRequest): AdminAnswer {
  const version = versionServed(request.version)
  if (version === null) return { status: 404, version: request.version, body: { errors: "Not Found" } }
  const token = parts.state.store.installation.tokens.get(request.token ?? "")
  if (!token || (token.expiresAtMs !== null && token.expiresAtMs <= parts.state.now()))
    return { status: 401, version, body: { errors: INVALID_TOKEN } }
  const body = requestBody.safeParse(request.body)
  if (!body.success)
    return { status: 400, version, body: { errors: { query: "Required parameter missing or invalid" } } }
  const context: AdminContext = {
    state: parts.state,
    bulkOperations: parts.bulkOperations,
    token,
    version,
    origin: request.origin,
    bulk: null,
    spent: 0,
  }
  return { status: 200, version, body: answerQuery(parts.bucket, context, body.data) }
}

const INVALID_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"

/** A version that is no longer served is answered by the oldest that is. */
function versionServed(asked: string): AdminVersion | null {
  const [oldest] = ADMIN_VERSIONS
  const known = ADMIN_VERSIONS.find((version) => version === asked)
  if (known) return known
  if (asked === "unstable") return ADMIN_VERSIONS.at(-1) ?? null
  return /^20\d\d-(01|04|07|10)$/.test(asked) && asked < oldest ? oldest : null
}

function answerQuery(
  bucket: CostBucket,
  context: AdminContext,
  { query, variables, operationName }: z.infer<typeof requestBody>,
): object {
  const { schema } = adminSchema(context.version as AdminVersion)
  const document = readDocument(query)
  if (document instanceof GraphQLError) return { errors: [document.toJSON()] }
  const errors = validate(schema, document)
  if (errors.length > 0) return { errors: errors.map((error) => error.toJSON()) }
  const operation = getOperationAST(document, operationName)
  if (!operation) return { errors: [{ message: "No operation of that name." }] }
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  )
  try {
    const requested = requestedCost(operation, { schema, fragments, variables: variables ?? {} })
    const cost = (actual: number | null) => ({
      cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: bucket.status() },
    })
    if (!bucket.allows(requested)) return { errors: [THROTTLED], extensions: cost(null) }
    const { data, errors: failures } = executeAdmin(context, document, variables ?? {}, operationName)
    const actual = Math.min(requested, context.spent)
    bucket.take(actual)
    return {
      ...(data === undefined ? {} : { data }),
      ...(failures ? { errors: failures.map((error) => error.toJSON()) } : {}),
      extensions: cost(actual),
    }
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error.toJSON()] }
    throw error
  }
}

const THROTTLED = {
  message: "Throttled",
  extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
}

const readDocuments = new Map<string, DocumentNode>()
const MOST_KEPT = 200

function readDocument(query: string): DocumentNode | GraphQLError {
  const known = readDocuments.get(query)
  if (known) return known
  try {
    const document = parse(query)
    if (readDocuments.size >= MOST_KEPT) readDocuments.clear()
    readDocuments.set(query, document)
    return document
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}
