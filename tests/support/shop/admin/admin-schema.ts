/**
 * Shopify's own Admin schema, as set-up put it into the state folder, with what introspection alone does not say:
 * which access scopes a field or type wants, and which customer data it is.
 */
import { buildClientSchema, type GraphQLSchema } from "graphql"
import { type AdminVersion, readShopifySchema } from "../../../../app/cli/shopify-schema.ts"

export type Access = {
  /** Shopify's sentence, for the error. */
  text: string | null
  /** One of them is enough; empty where none is needed. */
  scopes: readonly string[]
  /** The kind of protected customer data, where it is such. */
  protectedContent: string | null
}

export type AdminSchema = {
  version: AdminVersion
  schema: GraphQLSchema
  accessOfType(type: string): Access
  accessOfField(type: string, field: string): Access
}

type RawAccess = {
  name: string
  requiredAccess?: string | null
  isProtected?: boolean
  protectedContent?: string
}
type RawType = RawAccess & { fields?: RawAccess[] | null }

const NONE: Access = { text: null, scopes: [], protectedContent: null }

/** Customer data as a whole: Shopify's first level, which is granted apart from names and addresses. */
const CUSTOMER_TYPES = new Set(["Customer", "Order", "AbandonedCheckout"])

const loaded = new Map<AdminVersion, AdminSchema>()

export function adminSchema(version: AdminVersion): AdminSchema {
  const known = loaded.get(version)
  if (known) return known
  const introspection = readShopifySchema(version)
  const types = new Map<string, Access>()
  const fields = new Map<string, Access>()
  for (const type of introspection.__schema.types as unknown as RawType[]) {
    const whole = CUSTOMER_TYPES.has(type.name) ? "customer" : null
    types.set(type.name, readAccess(type, whole))
    for (const field of type.fields ?? [])
      fields.set(`${type.name}.${field.name}`, readAccess(field, field.protectedContent ?? null))
  }
  const made: AdminSchema = {
    version,
    schema: buildClientSchema(introspection, { assumeValid: true }),
    accessOfType: (type) => types.get(type) ?? NONE,
    accessOfField: (type, field) => fields.get(`${type}.${field}`) ?? NONE,
  }
  loaded.set(version, made)
  return made
}

function readAccess({ requiredAccess }: RawAccess, protectedContent: string | null): Access {
  if (!requiredAccess && protectedContent === null) return NONE
  return { text: requiredAccess ?? null, scopes: scopesOf(requiredAccess ?? ""), protectedContent }
}

/**
 * "`read_orders` access scope or `read_marketplace_orders` access scope. Also: …" → both. What a sentence says about
 * staff permissions and plans is outside of what the simulated shop knows.
 */
function scopesOf(text: string): string[] {
  const scopes = text.split(/\bAlso:|as well as/)[0] ?? ""
  return [...scopes.matchAll(/`((?:read|write)_\w+)`/g)].map(([, scope]) => scope ?? "")
}

/** Whoever may write may read. */
export function hasScope(granted: readonly string[], scope: string): boolean {
  return granted.includes(scope) || (scope.startsWith("read_") && granted.includes(`write_${scope.slice(5)}`))
}
