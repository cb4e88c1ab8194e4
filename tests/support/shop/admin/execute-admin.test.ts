import {
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  isRequiredArgument,
  parse,
  validate,
} from "graphql"
import { describe, expect, test } from "vitest"
import { ADMIN_VERSIONS } from "../../../../app/cli/shopify-schema.ts"
import type { AdminContext } from "./admin-context.ts"
import { adminSchema } from "./admin-schema.ts"
import { makeBulkOperations } from "./bulk/bulk-operations.ts"
import { executeAdmin, KNOWN_FIELDS } from "./execute-admin.ts"
import { testState } from "./test-admin.ts"

const SCALARS: Record<string, RegExp> = {
  ID: /^gid:\/\/shopify\/\w+\/[^/]+$/,
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  Decimal: /^-?\d+\.\d+$/,
  Money: /^-?\d+\.\d\d$/,
  URL: /^https?:\/\//,
  UnsignedInt64: /^\d+$/,
}

function fullShop() {
  const { state } = testState({
    scopes: ["write_products", "read_inventory", "read_orders", "read_customers", "read_locations"],
  })
  const product = state.createProduct({
    title: "Vase",
    descriptionHtml: "<p>Blue</p>",
    imageUrl: "/images/vase.svg",
    variants: [{ priceCents: 1250, available: 4, sku: "V1", compareAtCents: 1500 }],
  })
  const variantId = product.variants[0]?.id ?? ""
  state.createCollection({ title: "Vases", productIds: [product.id] })
  const customer = state.createCustomer({
    email: "ada@example.com",
    phone: "+441111111111",
    firstName: "Ada",
    country: "GB",
  })
  state.setConsent(customer.id, "email", "subscribed")
  const checkout = state.startCheckout({
    customerId: customer.id,
    email: "ada@example.com",
    shippingAddress: { firstName: "Ada", lastName: null, country: "GB", zip: "N1" },
    lines: [{ variantId, quantity: 1 }],
  })
  const order = state.placeOrder({
    checkoutToken: checkout.token,
    lines: [
      { variantId, quantity: 3, discountCents: 100 },
      { title: "Wrapping", quantity: 1, priceCents: 200 },
    ],
    shippingCents: 499,
  })
  const [line] = order.lines
  state.fulfilOrder(order.id)
  state.refundOrder(order.id, { lines: [{ lineId: line?.id ?? "", quantity: 1 }] })
  state.setMetafield({
    ownerId: `gid://shopify/Product/${product.id}`,
    namespace: "$app",
    key: "recommendations",
    type: "list.product_reference",
    value: "[]",
  })
  const context: AdminContext = {
    state,
    token: { kind: "offline", scopes: state.store.installation.scopes, expiresAtMs: null, userId: null },
    bulkOperations: makeBulkOperations(state),
    origin: "http://127.0.0.1:1",
    version: "2026-07",
    bulk: null,
    spent: 0,
  }
  return { context, state }
}

/** Selects every field that the shop knows, as deep as `depth`. */
function everything(type: GraphQLObjectType, depth: number): string {
  const known = KNOWN_FIELDS[type.name] ?? {}
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type)
    const paged = isObjectType(inner) && inner.name.endsWith("Connection")
    const given = paged ? "(first: 5)" : field.name === "quantities" ? '(names: ["available"])' : ""
    if (!given && field.args.some(isRequiredArgument)) return []
    if (paged) {
      const node = getNamedType(inner.getFields().nodes?.type ?? inner)
      const inside = isObjectType(node) && depth > 0 && known[field.name] ? everything(node, depth - 1) : ""
      return inside
        ? [`${field.name}${given} { nodes ${inside} edges { cursor } pageInfo { hasNextPage endCursor } }`]
        : []
    }
    if (!known[field.name]) return []
    if (!isObjectType(inner))
      return "getTypes" in inner || "getFields" in inner ? [] : [`${field.name}${given}`]
    const inside = depth > 0 ? everything(inner, depth - 1) : ""
    return inside ? [`${field.name}${given} ${inside}`] : []
  })
  return parts.length > 0 ? `{ ${parts.join(" ")} }` : ""
}

/** Each leaf of an answer with the scalar that the schema gives it. */
function leaves(
  value: unknown,
  type: GraphQLObjectType,
): { field: string; scalar: string; value: unknown }[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((one) => leaves(one, type))
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = type.getFields()[name]
    const named = field && getNamedType(field.type)
    if (!named || inner === null) return []
    if (isObjectType(named)) return leaves(inner, named)
    const values = Array.isArray(inner) ? inner : [inner]
    return values.map((one) => ({ field: `${type.name}.${name}`, scalar: named.name, value: one }))
  })
}

describe.each(ADMIN_VERSIONS)("Admin API %s", (version) => {
  const { schema } = adminSchema(version)

  test("every field that the shop knows is one of the schema's", () => {
    const strangers = Object.entries(KNOWN_FIELDS).flatMap(([name, fields]) => {
      const type = schema.getType(name)
      const known = isObjectType(type) ? type.getFields() : {}
      return Object.keys(fields).flatMap((field) => (known[field] ? [] : [`${name}.${field}`]))
    })
    expect(strangers).toEqual([])
  })

  test("all that the shop knows is given as the schema says", () => {
    const { context } = fullShop()
    const root = schema.getQueryType() as GraphQLObjectType
    const document = parse(everything(root, 3))
    expect(validate(schema, document)).toEqual([])
    const { data, errors } = executeAdmin({ ...context, version }, document)
    expect(errors).toBeUndefined()
    const given = leaves(data, root)
    expect(new Set(given.map(({ field }) => field)).size).toBeGreaterThan(100)
    const odd = given.filter(
      ({ scalar, value, field }) =>
        SCALARS[scalar] && !(SCALARS[scalar].test(String(value)) || field === "InventoryLevel.id"),
    )
    expect(odd).toEqual([])
  })
})

test("a field that the shop does not know is an error that names it", () => {
  const { context } = fullShop()
  const { errors } = executeAdmin(context, parse("{ orders(first: 1) { nodes { poNumber } } }"))
  expect(errors?.[0]?.message).toContain("Order.poNumber")
  expect(errors?.[0]?.extensions.code).toBe("NOT_SIMULATED")
})

test("node finds each kind by its id, and what is not there is null", () => {
  const { context, state } = fullShop()
  const [order] = state.store.orders.values()
  const ids = [
    `gid://shopify/Order/${order?.id}`,
    `gid://shopify/Refund/${order?.refunds[0]?.id}`,
    "gid://shopify/Product/1",
  ]
  const text = `{ nodes(ids: ${JSON.stringify(ids)}) { __typename id ... on Refund { refundLineItems(first: 5) { nodes { quantity lineItem { id } } } } } }`
  expect(executeAdmin(context, parse(text)).data?.nodes).toEqual([
    { __typename: "Order", id: ids[0] },
    {
      __typename: "Refund",
      id: ids[1],
      refundLineItems: {
        nodes: [{ quantity: 1, lineItem: { id: `gid://shopify/LineItem/${order?.lines[0]?.id}` } }],
      },
    },
    null,
  ])
})

test("an order's figures follow from what was placed, refunded and removed", () => {
  const { context } = fullShop()
  const money = "{ shopMoney { amount } }"
  const text = `{ orders(first: 1) { nodes { displayFinancialStatus totalPriceSet ${money} totalRefundedSet ${money} currentTotalPriceSet ${money} totalDiscountsSet ${money} lineItems(first: 5) { nodes { quantity currentQuantity product { title } } } } } }`
  const data = executeAdmin(context, parse(text)).data as { orders: { nodes: object[] } }
  expect(data.orders.nodes[0]).toEqual({
    displayFinancialStatus: "PARTIALLY_REFUNDED",
    totalPriceSet: { shopMoney: { amount: "43.49" } },
    totalRefundedSet: { shopMoney: { amount: "12.17" } },
    currentTotalPriceSet: { shopMoney: { amount: "31.32" } },
    totalDiscountsSet: { shopMoney: { amount: "1.0" } },
    lineItems: {
      nodes: [
        { quantity: 3, currentQuantity: 2, product: { title: "Vase" } },
        { quantity: 1, currentQuantity: 1, product: null },
      ],
    },
  })
})
