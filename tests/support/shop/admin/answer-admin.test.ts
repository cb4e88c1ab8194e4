import { expect, test } from "vitest"
import { openAdmin } from "./test-admin.ts"

const ORDERS = "{ orders(first: 1) { nodes { id } } }"

test("a missing scope is told as Shopify tells it, and the field is empty", async () => {
  const { state, ask } = await openAdmin({ scopes: ["read_products"] })
  state.createProduct({ title: "Vase" })
  const { body } = await ask(
    '{ products(first: 1) { nodes { title } } order(id: "gid://shopify/Order/1") { id } }',
  )
  expect(body.data).toEqual({ products: { nodes: [{ title: "Vase" }] }, order: null })
  expect(body.errors).toMatchObject([
    { path: ["order"], extensions: { code: "ACCESS_DENIED" }, message: /Access denied for order field/ },
  ])
})

test("whoever may write may read", async () => {
  const { ask } = await openAdmin({ scopes: ["write_products"] })
  expect((await ask("{ products(first: 1) { nodes { id } } }")).body.errors).toBeUndefined()
})

test("names and addresses that were not granted are empty, each with an error", async () => {
  const { state, ask } = await openAdmin()
  state.createCustomer({ email: "ada@example.com", firstName: "Ada" })
  state.grantProtectedData(["customer"])
  const { body } = await ask(
    "{ customers(first: 1) { nodes { id firstName defaultEmailAddress { emailAddress } } } }",
  )
  expect(body.data?.customers).toMatchObject({ nodes: [{ firstName: null, defaultEmailAddress: null }] })
  expect(body.errors?.map(({ extensions }) => extensions?.code)).toEqual(["ACCESS_DENIED", "ACCESS_DENIED"])
  expect(JSON.stringify(body)).not.toContain("ada@example.com")
})

test("without any grant of customer data there are no customers and no orders", async () => {
  const { state, ask } = await openAdmin()
  state.createCustomer({ firstName: "Ada" })
  state.grantProtectedData([])
  const { body } = await ask("{ customers(first: 1) { nodes { id } } }")
  expect(body.data).toBeNull()
  expect(body.errors?.[0]?.message).toContain("not approved to access the Customer object")
})

test("orders of more than 60 days ago need read_all_orders", async () => {
  for (const [scope, count] of [
    ["read_orders", 0],
    ["read_orders,read_all_orders", 1],
  ] as const) {
    const { state, ask, clock } = await openAdmin({ scopes: scope.split(",") })
    state.placeOrder({ lines: [{ quantity: 1, priceCents: 100 }] }, { atMs: clock.ms - 61 * 86_400_000 })
    expect((await ask(ORDERS)).body.data?.orders).toMatchObject({ nodes: { length: count } })
  }
})

test("a query that asks for too much at once is refused before it runs", async () => {
  const { ask } = await openAdmin()
  const { body } = await ask("{ orders(first: 100) { nodes { id lineItems(first: 100) { nodes { id } } } } }")
  expect(body.errors?.[0]?.extensions?.code).toBe("MAX_COST_EXCEEDED")
})

test("an empty bucket throttles, and fills again with time", async () => {
  const { state, ask, clock } = await openAdmin({ cost: { maximumAvailable: 60, restoreRate: 10 } })
  for (let made = 0; made < 50; made++) state.createProduct({ title: `Vase ${made}` })
  const query = "{ products(first: 50) { nodes { id } } }"
  expect((await ask(query)).body.extensions?.cost).toMatchObject({
    requestedQueryCost: 52,
    actualQueryCost: 52,
    throttleStatus: { maximumAvailable: 60, currentlyAvailable: 8, restoreRate: 10 },
  })
  const { status, body } = await ask(query)
  expect(status).toBe(200)
  expect(body.errors).toMatchObject([{ message: "Throttled", extensions: { code: "THROTTLED" } }])
  clock.ms += 5_000
  expect((await ask(query)).body.errors).toBeUndefined()
})

test("a page goes on where the one before ended, though things change in between", async () => {
  const { state, ask, clock } = await openAdmin()
  const ids = Array.from({ length: 7 }, (_, place) => {
    clock.ms += 1_000
    return state.createProduct({ title: `Vase ${place}` }).id
  })
  const query =
    "query Page($after: String, $search: String) { products(first: 3, after: $after, sortKey: UPDATED_AT, query: $search) { nodes { legacyResourceId } pageInfo { hasNextPage endCursor } } }"
  const seen: string[] = []
  let after: string | null = null
  do {
    const { body } = await ask(query, { after })
    const page = body.data?.products as unknown as {
      nodes: { legacyResourceId: string }[]
      pageInfo: { hasNextPage: boolean; endCursor: string }
    }
    seen.push(...page.nodes.map(({ legacyResourceId }) => legacyResourceId))
    if (after === null) {
      clock.ms += 1_000
      state.updateProduct(ids[0] ?? "", { title: "Changed" })
    }
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
  } while (after !== null)
  // The changed one comes again at the end; nothing is left out.
  expect(seen).toEqual([...ids, ids[0]])
  const since = new Date(clock.ms).toISOString()
  const { body } = await ask(query, { search: `updated_at:>='${since}'` })
  expect(body.data?.products).toMatchObject({ nodes: [{ legacyResourceId: ids[0] }] })
})

test("backwards, and from the end", async () => {
  const { state, ask } = await openAdmin()
  const ids = Array.from({ length: 4 }, (_, place) => state.createProduct({ title: `Vase ${place}` }).id)
  const given = async (args: string) => {
    const { body } = await ask(`{ products(${args}) { nodes { legacyResourceId } } }`)
    const page = body.data?.products as unknown as { nodes: { legacyResourceId: string }[] }
    return page.nodes.map(({ legacyResourceId }) => legacyResourceId)
  }
  expect(await given("first: 2, reverse: true")).toEqual([ids[3], ids[2]])
  expect(await given("last: 2")).toEqual([ids[2], ids[3]])
})

test("a page may hold 250 at most, and must have a size", async () => {
  const { ask } = await openAdmin()
  expect((await ask("{ orders(first: 251) { nodes { id } } }")).body.errors?.[0]?.message).toContain("250")
  expect((await ask("{ orders { nodes { id } } }")).body.errors?.[0]?.message).toContain("first or last")
})

test("no answer without a token that is good", async () => {
  const { ask, state, token } = await openAdmin()
  expect((await ask(ORDERS, {}, { token: "shpat_unknown" })).status).toBe(401)
  expect((await ask(ORDERS)).status).toBe(200)
  state.expireAccessTokens()
  expect((await ask(ORDERS, {}, { token })).status).toBe(401)
})

test("an old version is answered by the oldest that is served, an unknown one not at all", async () => {
  const { ask } = await openAdmin()
  for (const [asked, served] of [
    ["2026-07", "2026-07"],
    ["2026-10", "2026-10"],
    ["2024-01", "2026-07"],
  ] as const) {
    const { status, headers } = await ask("{ shop { id } }", {}, { version: asked })
    expect([status, headers.get("x-shopify-api-version")]).toEqual([200, served])
  }
  expect((await ask("{ shop { id } }", {}, { version: "2031-01" })).status).toBe(404)
})

test("another shop than this is not found here", async () => {
  const { post, token } = await openAdmin()
  const headers = { "x-shopify-access-token": token, "x-simulated-shop": "other.myshopify.com" }
  expect((await post("/admin/api/2026-07/graphql.json", { query: ORDERS }, headers)).status).toBe(404)
})

const SET = `mutation Set($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { metafields { key namespace } userErrors { code field message } }
}`

test("metafields are written all or none, and who may not write products is refused", async () => {
  const { state, ask } = await openAdmin()
  const { id } = state.createProduct({ title: "Vase" })
  const ownerId = `gid://shopify/Product/${id}`
  const field = { ownerId, key: "recommendations", type: "list.product_reference", value: `["${ownerId}"]` }
  expect((await ask(SET, { metafields: [field] })).body.data?.metafieldsSet).toEqual({
    metafields: [{ key: "recommendations", namespace: "$app" }],
    userErrors: [],
  })
  expect(state.metafield(ownerId, "$app", "recommendations")?.value).toBe(field.value)
  const gone = { ...field, ownerId: "gid://shopify/Product/1" }
  const { body } = await ask(SET, { metafields: [{ ...field, value: "[]" }, gone] })
  expect(body.data?.metafieldsSet).toMatchObject({
    metafields: null,
    userErrors: [{ code: "INVALID", field: ["metafields", "1", "ownerId"] }],
  })
  expect(state.metafield(ownerId, "$app", "recommendations")?.value).toBe(field.value)

  const reader = await openAdmin({ scopes: ["read_products"] })
  const own = reader.state.createProduct({ title: "Vase" })
  const refused = await reader.ask(SET, {
    metafields: [{ ...field, ownerId: `gid://shopify/Product/${own.id}` }],
  })
  expect(refused.body.errors?.[0]?.extensions?.code).toBe("ACCESS_DENIED")
})
