/**
 * Answers GraphQL on Shopify's own schema. A field of the schema that the shop does not know is an error that says so,
 * never a silent null.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isObjectType,
} from "graphql"
import type { AdminVersion } from "../../../../app/cli/shopify-schema.ts"
import { accessDenied, notApproved } from "./access-denied.ts"
import type { AdminContext, Arguments } from "./admin-context.ts"
import { type AdminSchema, adminSchema, hasScope } from "./admin-schema.ts"
import { bulkFields } from "./bulk/bulk-fields.ts"
import type { Page } from "./connection.ts"
import { customerFields } from "./fields/customer-fields.ts"
import { metafieldTypeFields } from "./fields/metafield-fields.ts"
import { mutationFields } from "./fields/mutation-fields.ts"
import { typeNameOf } from "./fields/nodes.ts"
import { orderFields } from "./fields/order-fields.ts"
import { productFields } from "./fields/product-fields.ts"
import { rootFields } from "./fields/root-fields.ts"
import { shopFields } from "./fields/shop-fields.ts"
import { valueFields } from "./fields/values.ts"
import { fieldCost } from "./query-cost.ts"

type Read = (source: never, args: Arguments, context: AdminContext) => unknown

export const KNOWN_FIELDS: Readonly<Record<string, Record<string, Read>>> = {
  ...rootFields,
  ...mutationFields,
  ...shopFields,
  ...productFields,
  ...customerFields,
  ...orderFields,
  ...metafieldTypeFields,
  ...bulkFields,
  ...valueFields,
}

const CONNECTION: Record<string, Read> = {
  nodes: ({ nodes }: Page) => nodes,
  edges: (page: Page) => page.nodes.map((node) => ({ node, page })),
  pageInfo: (page: Page) => page,
}
const EDGE: Record<string, Read> = {
  node: ({ node }: { node: object }) => node,
  cursor: ({ node, page }: { node: object; page: Page }) => page.cursorOf(node),
}
const cursorAt = (page: Page, place: number) => {
  const node = page.nodes.at(place)
  return node ? page.cursorOf(node) : null
}
const PAGE_INFO: Record<string, Read> = {
  hasNextPage: ({ hasNextPage }: Page) => hasNextPage,
  hasPreviousPage: ({ hasPreviousPage }: Page) => hasPreviousPage,
  startCursor: (page: Page) => cursorAt(page, 0),
  endCursor: (page: Page) => cursorAt(page, -1),
}

/** @throws GraphQLError where the document does not fit the schema: validate it first */
export function executeAdmin(
  context: AdminContext,
  document: DocumentNode,
  variableValues: Readonly<Record<string, unknown>> = {},
  operationName?: string | null,
): ExecutionResult {
  const admin = adminSchema(context.version as AdminVersion)
  prepare(admin)
  return executeSync({
    schema: admin.schema,
    document,
    rootValue: {},
    contextValue: context,
    variableValues,
    operationName: operationName ?? null,
    fieldResolver: notSimulated,
    typeResolver: (value) => {
      const name = typeNameOf(value as object)
      if (name) checkType(admin, name, context)
      return name
    },
  })
}

const prepared = new WeakSet<AdminSchema>()

/** Gives the schema's fields the functions that read them, each behind the check of what the token may see. */
function prepare(admin: AdminSchema): void {
  if (prepared.has(admin)) return
  prepared.add(admin)
  for (const type of Object.values(admin.schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue
    const fields = readersOf(type)
    for (const [name, field] of Object.entries(type.getFields())) {
      const read = fields === "as given" ? (source: never) => source[name] : fields?.[name]
      if (read) field.resolve = guarded(admin, type, field, read)
    }
  }
}

function readersOf({ name }: GraphQLObjectType): Record<string, Read> | "as given" | undefined {
  if (name === "PageInfo") return PAGE_INFO
  if (name.endsWith("Connection")) return CONNECTION
  if (name.endsWith("Edge")) return EDGE
  if (name.endsWith("Payload") || name.endsWith("UserError")) return "as given"
  return KNOWN_FIELDS[name]
}

function guarded(
  admin: AdminSchema,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, AdminContext>,
  read: Read,
): GraphQLFieldResolver<unknown, AdminContext> {
  const access = admin.accessOfField(type.name, field.name)
  const named = getNamedType(field.type)
  const points = isCompositeType(named) ? fieldCost(type.name, named.name) : 0
  const nodeName = isObjectType(named) && named.name.endsWith("Connection") ? nodeType(named) : named.name
  return (source, args, context) => {
    checkScopes(access, field.name, context)
    const { protectedContent } = access
    if (protectedContent && !context.state.store.installation.protectedData.has(protectedContent as never))
      throw notApproved(`${field.name} field`)
    checkType(admin, nodeName, context, field.name)
    const value = read(source as never, args, context)
    if (points > 0 && value !== null && value !== undefined)
      context.spent += Array.isArray(value) ? value.length * points : points
    return value
  }
}

function nodeType(connection: GraphQLObjectType): string {
  const nodes = connection.getFields().nodes
  return nodes ? getNamedType(nodes.type).name : connection.name
}

function checkType(admin: AdminSchema, type: string, context: AdminContext, field = "node"): void {
  const access = admin.accessOfType(type)
  checkScopes(access, field, context)
  if (access.protectedContent && !context.state.store.installation.protectedData.has("customer"))
    throw notApproved(`${type} object`)
}

function checkScopes(
  { scopes, text }: { scopes: readonly string[]; text: string | null },
  field: string,
  context: AdminContext,
) {
  if (scopes.length > 0 && !scopes.some((scope) => hasScope(context.token.scopes, scope)))
    throw accessDenied(field, text ?? "")
}

const notSimulated: GraphQLFieldResolver<unknown, AdminContext> = (_source, _args, _context, info) => {
  throw new GraphQLError(
    `The simulated shop does not know ${info.parentType.name}.${info.fieldName}. Add it to tests/support/shop/admin/fields.`,
    { extensions: { code: "NOT_SIMULATED" } },
  )
}
