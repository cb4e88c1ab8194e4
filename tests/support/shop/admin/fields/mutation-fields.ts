import { GraphQLError } from "graphql"
import { z } from "zod"
import type { AdminVersion } from "../../../../../app/cli/shopify-schema.ts"
import type { Store } from "../../state/store.ts"
import { accessDenied } from "../access-denied.ts"
import type { AdminContext, Fields } from "../admin-context.ts"
import { adminSchema, hasScope } from "../admin-schema.ts"
import { planBulk } from "../bulk/bulk-plan.ts"
import { parseGid } from "../gid.ts"
import { nodeById } from "./nodes.ts"

const MOST_METAFIELDS = 25
const LONGEST_LIST = 128

/** Who may write beside a resource is who may write the resource. */
const SCOPE_OF_OWNER: Record<string, string> = {
  Product: "write_products",
  ProductVariant: "write_products",
  Collection: "write_products",
  Customer: "write_customers",
  Order: "write_orders",
}

const metafieldInputs = z.array(
  z.object({
    ownerId: z.string(),
    namespace: z.string().default("$app"),
    key: z.string(),
    type: z.string().default("single_line_text_field"),
    value: z.string(),
  }),
)
type MetafieldInput = z.infer<typeof metafieldInputs>[number]
type UserError = { code: string; field: string[]; message: string; elementIndex?: number | null }

export const mutationFields = {
  Mutation: {
    metafieldsSet: (_root, args, context) => {
      const inputs = metafieldInputs.parse(args.metafields)
      if (inputs.length > MOST_METAFIELDS)
        return refused("metafields", {
          code: "LESS_THAN_OR_EQUAL_TO",
          field: ["metafields"],
          message: `Exceeded the maximum metafields input limit of ${MOST_METAFIELDS}.`,
        })
      const userErrors = inputs.flatMap((input, place) => complaint(input, place, context) ?? [])
      // All are written or none.
      if (userErrors.length > 0) return { metafields: null, userErrors }
      return { metafields: inputs.map((input) => context.state.setMetafield(input)), userErrors: [] }
    },

    bulkOperationRunQuery: (_root, { query, groupObjects }, context) => {
      const refusal = context.bulkOperations.refusal()
      if (refusal) return refused("bulkOperation", { ...refusal, field: [] })
      try {
        const plan = planBulk(String(query), adminSchema(context.version as AdminVersion).schema)
        const operation = context.bulkOperations.start(String(query), plan, context, groupObjects === true)
        return { bulkOperation: operation, userErrors: [] }
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error
        return refused("bulkOperation", { code: "INVALID", field: ["query"], message: error.message })
      }
    },

    bulkOperationCancel: (_root, { id }, context) => {
      const operation = context.bulkOperations.find(parseGid(id)?.id ?? "")
      if (!operation)
        return refused("bulkOperation", {
          code: "INVALID",
          field: ["id"],
          message: "Bulk operation does not exist",
        })
      const userErrors = context.bulkOperations.cancel(operation)
        ? []
        : [
            {
              code: "INVALID",
              field: [],
              message: "A bulk operation cannot be canceled when it is completed",
            },
          ]
      return { bulkOperation: operation, userErrors }
    },
  } satisfies Fields<unknown>,
}

function refused(what: string, error: UserError) {
  return { [what]: null, userErrors: [error] }
}

function complaint(input: MetafieldInput, place: number, context: AdminContext): UserError | null {
  const type = parseGid(input.ownerId)?.type ?? ""
  const scope = SCOPE_OF_OWNER[type]
  if (scope && !hasScope(context.token.scopes, scope))
    throw accessDenied("metafieldsSet", `\`${scope}\` access scope.`)
  const at = (name: string, code: string, message: string): UserError => ({
    code,
    field: ["metafields", String(place), name],
    message,
    elementIndex: null,
  })
  if (!ownerExists(type, input.ownerId, context)) return at("ownerId", "INVALID", "Owner does not exist.")
  if (input.value === "") return at("value", "BLANK", "may not be empty")
  return input.type === "list.product_reference" ? listComplaint(input.value, context.state.store, at) : null
}

function ownerExists(type: string, ownerId: string, context: AdminContext): boolean {
  return type === "AppInstallation" || nodeById(ownerId, context) !== null
}

function listComplaint(
  value: string,
  store: Store,
  at: (name: string, code: string, message: string) => UserError,
): UserError | null {
  const list = z.array(z.string()).safeParse(readJson(value)).data
  if (!list) return at("value", "INVALID_VALUE", "Value is invalid JSON: a list of product ids is expected.")
  if (list.length > LONGEST_LIST)
    return at("value", "INVALID_VALUE", `Value has a maximum of ${LONGEST_LIST} items.`)
  for (const id of list) {
    const wanted = parseGid(id)
    if (wanted?.type !== "Product" || !store.products.has(wanted.id))
      return at("value", "INVALID_VALUE", `Value references non-existent resource ${id}.`)
  }
  return null
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
