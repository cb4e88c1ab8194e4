import { describe, expect, test } from "vitest"
import { openAdmin } from "../test-admin.ts"

const RUN = `mutation Run($query: String!, $grouped: Boolean!) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status }
    userErrors { code message }
  }
}`
const LOOK = `query Look($id: ID!) {
  bulkOperation(id: $id) { status errorCode objectCount rootObjectCount fileSize url partialDataUrl }
}`
const ORDERS =
  "{ orders { edges { node { id note lineItems { edges { node { id quantity } } } refunds { id } } } } }"

type Started = { bulkOperation: { id: string } | null; userErrors: { code: string; message: string }[] }
type Look = {
  status: string
  errorCode: string | null
  objectCount: string
  rootObjectCount: string
  url: string | null
  partialDataUrl: string | null
}

async function openBulk(knobs: Parameters<typeof openAdmin>[0] = {}) {
  const shop = await openAdmin(knobs)
  const start = async (query: string, grouped = false) =>
    (await shop.ask(RUN, { query, grouped })).body.data?.bulkOperationRunQuery as unknown as Started
  const look = async (id: string | undefined) =>
    (await shop.ask(LOOK, { id })).body.data?.bulkOperation as unknown as Look
  const run = async (query: string, grouped = false) => {
    const { bulkOperation } = await start(query, grouped)
    await shop.admin.bulkSettled()
    return look(bulkOperation?.id)
  }
  const lines = async (url: string | null) => {
    const text = await (await fetch(url ?? "")).text()
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  }
  const order = (count: number) =>
    shop.state.placeOrder({
      lines: Array.from({ length: count }, (_, place) => ({ quantity: place + 1, priceCents: 100 })),
    })
  return { ...shop, start, look, run, lines, order }
}

test("nested nodes have lines of their own, with the id of the node around them", async () => {
  const { run, lines, order } = await openBulk()
  const [first, second] = [order(2), order(1)]
  const { status, objectCount, rootObjectCount, url } = await run(ORDERS, true)
  expect([status, objectCount, rootObjectCount]).toEqual(["COMPLETED", "5", "2"])
  const gid = (id: string | undefined) => `gid://shopify/Order/${id}`
  const line = (of: typeof first, place: number) => ({
    id: `gid://shopify/LineItem/${of.lines[place]?.id}`,
    quantity: place + 1,
    __parentId: gid(of.id),
  })
  expect(await lines(url)).toEqual([
    { id: gid(first.id), note: null, refunds: [] },
    line(first, 0),
    line(first, 1),
    { id: gid(second.id), note: null, refunds: [] },
    line(second, 0),
  ])
})

test("ungrouped, the same lines come with parents before children", async () => {
  const { run, lines, order } = await openBulk()
  order(2)
  order(1)
  const grouped = await lines((await run(ORDERS, true)).url)
  const ungrouped = await lines((await run(ORDERS)).url)
  expect(ungrouped.map(({ __parentId }) => __parentId !== undefined)).toEqual([
    false,
    false,
    true,
    true,
    true,
  ])
  const sorted = (all: object[]) => all.map((line) => JSON.stringify(line)).sort()
  expect(sorted(ungrouped)).toEqual(sorted(grouped))
})

test("slashes are escaped, as in Shopify's files", async () => {
  const { run, order } = await openBulk()
  order(1)
  const { url } = await run(ORDERS)
  expect(await (await fetch(url ?? "")).text()).toContain('"gid:\\/\\/shopify\\/Order\\/')
})

test("a search narrows what is exported, and more than a window of it arrives whole", async () => {
  const { run, lines, order, clock, state } = await openBulk()
  order(1)
  clock.ms += 10_000
  for (let made = 0; made < 450; made++) state.createProduct({ title: `Vase ${made}` })
  const since = new Date(clock.ms).toISOString()
  const { objectCount, url } = await run(
    `{ products(query: "created_at:>='${since}'") { edges { node { id } } } }`,
  )
  expect(objectCount).toBe("450")
  expect(new Set((await lines(url)).map(({ id }) => id)).size).toBe(450)
})

test("nothing found has no file", async () => {
  const { run } = await openBulk()
  expect(await run(ORDERS)).toMatchObject({ status: "COMPLETED", objectCount: "0", url: null })
})

describe("refuses", () => {
  test.each([
    ["what is no query", "nonsense", "Invalid bulk query"],
    ["a field that is not there", "{ orders { edges { node { nonsense } } } }", "Cannot query field"],
    ["a query without a connection", "{ shop { name } }", "at least one connection"],
    [
      "a connection in a list",
      "{ orders { edges { node { id refunds { refundLineItems { edges { node { quantity } } } } } } } }",
      "connection field within a list field",
    ],
    [
      "three levels",
      "{ collections { edges { node { id products { edges { node { id variants { edges { node { id } } } } } } } } } }",
      "nesting depth",
    ],
    [
      "a parent without its id",
      "{ orders { edges { node { name lineItems { edges { node { id } } } } } } }",
      "must select the 'id' field",
    ],
    [
      "two fields at the top",
      "{ orders { edges { node { id } } } products { edges { node { id } } } }",
      "single top-level field",
    ],
    ["a mutation", 'mutation { productDelete(input: { id: "1" }) { deletedProductId } }', "single query"],
  ])("%s", async (_, query, message) => {
    const { start } = await openBulk()
    const { bulkOperation, userErrors } = await start(query)
    expect(bulkOperation).toBeNull()
    expect(userErrors[0]?.message).toContain(message)
  })
})

test("more at once than the version allows is refused", async () => {
  const { start, admin } = await openBulk({ bulk: { held: true } })
  for (let place = 0; place < 5; place++) expect((await start(ORDERS)).userErrors).toEqual([])
  expect((await start(ORDERS)).userErrors).toMatchObject([{ code: "LIMIT_REACHED" }])
  admin.bulk.held = false
  await admin.bulkSettled()
  expect((await start(ORDERS)).userErrors).toEqual([])
})

test("a failure leaves what was written so far, and the next operation runs", async () => {
  const { run, lines, order } = await openBulk({
    bulk: { fail: ["INTERNAL_SERVER_ERROR"], failAfterLines: 2 },
  })
  order(3)
  const failed = await run(ORDERS, true)
  expect(failed).toMatchObject({ status: "FAILED", errorCode: "INTERNAL_SERVER_ERROR", url: null })
  expect(await lines(failed.partialDataUrl)).toHaveLength(2)
  expect(await run(ORDERS)).toMatchObject({ status: "COMPLETED", objectCount: "4", partialDataUrl: null })
})

test("fields that were not granted fail the whole operation", async () => {
  const { run, state } = await openBulk()
  state.createCustomer({ firstName: "Ada" })
  state.grantProtectedData(["customer"])
  const query = (fields: string) => `{ customers { edges { node { ${fields} } } } }`
  expect(await run(query("id firstName"))).toMatchObject({ status: "FAILED", errorCode: "ACCESS_DENIED" })
  expect(await run(query("id"))).toMatchObject({ status: "COMPLETED", objectCount: "1" })
})

test("a cancelled operation stops", async () => {
  const { start, look, ask, admin, order } = await openBulk({ bulk: { held: true } })
  order(1)
  const { bulkOperation } = await start(ORDERS)
  const cancel = "mutation Cancel($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }"
  await ask(cancel, { id: bulkOperation?.id })
  await admin.bulkSettled()
  expect((await look(bulkOperation?.id)).status).toBe("CANCELED")
})

test("the file is served in parts, until its address expires", async () => {
  const { run, look, order, clock, start, admin } = await openBulk({ bulk: { urlLivesMs: 1_000 } })
  order(1)
  const { bulkOperation } = await start(ORDERS)
  await admin.bulkSettled()
  const url = (await look(bulkOperation?.id)).url ?? ""
  const whole = await (await fetch(url)).text()
  const part = await fetch(url, { headers: { range: "bytes=5-" } })
  expect([part.status, await part.text()]).toEqual([206, whole.slice(5)])
  expect(part.headers.get("content-range")).toBe(`bytes 5-${whole.length - 1}/${whole.length}`)
  expect((await fetch(url, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416)
  clock.ms += 2_000
  expect((await fetch(url)).status).toBe(403)
  expect(await look(bulkOperation?.id)).toMatchObject({ status: "EXPIRED", url: null })
  expect(await run(ORDERS)).toMatchObject({ status: "COMPLETED" })
})
