import { GraphQLError } from "graphql"

const SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"
const PROTECTED_PAGE = "https://shopify.dev/docs/apps/launch/protected-customer-data"

/** What Shopify says where a scope is missing. */
export function accessDenied(field: string, requiredAccess: string): GraphQLError {
  return new GraphQLError(`Access denied for ${field} field. Required access: ${requiredAccess}`, {
    extensions: { code: "ACCESS_DENIED", documentation: SCOPES_PAGE, requiredAccess },
  })
}

/** What Shopify says where customer data was not granted; `what` is "email field" or "Customer object". */
export function notApproved(what: string): GraphQLError {
  const verb = what.endsWith("object") ? "access" : "use"
  return new GraphQLError(
    `This app is not approved to ${verb} the ${what}. See ${PROTECTED_PAGE} for more details.`,
    {
      extensions: { code: "ACCESS_DENIED", documentation: PROTECTED_PAGE },
    },
  )
}
